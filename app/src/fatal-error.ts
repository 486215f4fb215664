/** A mistake a person can mend before the server starts. It is told as one line, without a stack. */
export class FatalError extends Error {}
