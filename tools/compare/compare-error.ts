/** A person's mistake: its message is all they need. */
export class CompareError extends Error {}
