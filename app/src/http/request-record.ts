import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RequestError } from "../errors";
import type { Outcome, Recorder } from "../telemetry/metrics";
import type { Upload } from "./uploads";

declare module "fastify" {
  interface FastifyRequest {
    record: RequestRecord;
  }
}

/** All that the server keeps about one request until its connection has the answer or is closed. */
export interface RequestRecord {
  /** On the clock of performance.now(). */
  readonly arrivedAt: number;
  /** The name of the valid key that the caller sent. */
  apiKey: string | undefined;
  /** The error that answers the request. */
  refusal: RequestError | undefined;
  /** Set from the first hook of a prediction on: only then the request counts as one. */
  prediction: { upload?: Upload; work?: Promise<unknown> } | undefined;
}

/** Gives every request a record, sends its id back, and writes one line to the log when it ends. */
export function recordRequests(app: FastifyInstance, recorder: Recorder): void {
  app.decorateRequest("record");
  app.addHook("onRequest", async (request, reply) => {
    request.record = { arrivedAt: performance.now(), apiKey: undefined, refusal: undefined, prediction: undefined };
    reply.header("x-request-id", request.id);
    // The response closes at the end; the request already closes when its body has been read.
    reply.raw.once("close", () => finish(request, reply, recorder));
  });
}

function finish(request: FastifyRequest, reply: FastifyReply, recorder: Recorder): void {
  const { record } = request;
  const line = {
    method: request.method,
    path: request.url,
    api_key: record.apiKey,
    // Without headers no caller has seen a status.
    status: reply.raw.headersSent ? reply.raw.statusCode : undefined,
    error: record.refusal?.message,
    seconds: Math.round((performance.now() - record.arrivedAt) * 10) / 1e4,
  };
  if (!record.prediction) {
    request.log.info(line, "request");
    return;
  }
  const outcome = outcomeOf(record, reply);
  recorder.request(outcome, line.seconds);
  request.log.info({ ...line, outcome }, "prediction");
}

/** How a prediction ended, as its caller saw it. */
function outcomeOf({ refusal }: RequestRecord, reply: FastifyReply): Outcome {
  // Not reply.sent or writableFinished: the answer to an unread body goes out at once and finishes later.
  if (!reply.raw.headersSent) return "gone";
  if (reply.statusCode < 400) return "ok";
  if (reply.statusCode < 500) return "client_error";
  if (reply.statusCode !== 503) return "failed";
  return refusal?.code === "overloaded" ? "overloaded" : "unavailable";
}
