/** What a person can fix: printed by itself, without a stack trace. */
export class UserError extends Error {}
