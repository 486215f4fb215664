/** The answer to a request that ends without a prediction. */
export class RequestError extends Error {
  constructor(
    readonly statusCode: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const errors = {
  badInput: (message: string) => new RequestError(400, "bad_input", message),
  notAnImage: (reason: string) =>
    new RequestError(400, "not_an_image", `the file is not an image this server can read: ${reason}`),
  noKey: () => new RequestError(401, "no_key", "send a valid key in the header x-api-key"),
  notFound: () => new RequestError(404, "not_found", "there is nothing at this path"),
  methodNotAllowed: (method: string) =>
    new RequestError(405, "method_not_allowed", `${method} is not allowed at this path; send the input with POST`),
  tooSlow: () =>
    new RequestError(408, "too_slow", "the body arrived too slowly; send it again over a faster connection"),
  tooLong: (seconds: number) =>
    new RequestError(408, "too_slow", `the body had not arrived after ${seconds} s; send a smaller one`),
  tooManySlow: (most: number) =>
    new RequestError(
      408,
      "too_slow",
      `more than ${most} bodies arrive slowly from this address; send them one after the other`,
    ),
  tooLarge: (limitBytes: number) =>
    new RequestError(
      413,
      "too_large",
      `the body is larger than ${limitBytes / 1024 / 1024} MiB (BODY_LIMIT_MIB); send a smaller picture`,
    ),
  /** For the log only: the caller has hung up. */
  gone: () => new RequestError(499, "gone", "the caller hung up before the answer"),
  unsupportedType: (type: string, expected: string) =>
    new RequestError(415, "unsupported_type", `the content type is ${type}; expected ${expected}`),
  failed: () => new RequestError(500, "failed", "the prediction failed; the log has the reason under this request id"),
  workerLost: () => new RequestError(500, "worker_lost", "the inference worker stopped during this request; retry"),
  tooManyParts: () => new RequestError(400, "bad_input", "the form has more than one file; send one picture"),
  overloaded: (limit: number) =>
    new RequestError(503, "overloaded", `${limit} predictions are already under way; retry later`),
  decodersBusy: () =>
    new RequestError(
      503,
      "overloaded",
      "larger pictures than this replica decodes in time are already under way; retry later",
    ),
  crowded: () => new RequestError(503, "overloaded", "too many request bodies are already under way; retry later"),
  draining: () => new RequestError(503, "draining", "this replica is shutting down; retry on another"),
  notReady: () => new RequestError(503, "not_ready", "the model is still loading; retry later"),
  unsteady: () =>
    new RequestError(503, "unsteady", "the inference workers keep failing; the log has the reason, retry on another"),
  timedOut: () => new RequestError(503, "timed_out", "no worker answered in time; retry later"),
};

/** The body of an answer that is not a prediction. */
export function answerOf({ message, code }: RequestError, requestId: string): string {
  return JSON.stringify({ error: message, code, request_id: requestId });
}
