/** Something a person can mend: told in its own words, without a stack. */
export class UserError extends Error {}

/** What went wrong, in its own words. */
export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
