/** A mistake that stops the server at its start. Logged as one line, without a stack trace. */
export class FatalError extends Error {}
