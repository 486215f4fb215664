/** Something a person can mend: told in its own words, without a stack. */
export class UserError extends Error {}
