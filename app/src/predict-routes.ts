import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Admission } from "./admission";
import { errors, type RequestError } from "./errors";
import type { Outcome, Recorder } from "./metrics";
import type { Model } from "./model";
import { readFeatures, readPicture, readTop } from "./read-input";
import { summary } from "./request-log";
import { watchPace } from "./upload-pace";

declare module "fastify" {
  interface FastifyRequest {
    /** The prediction, once it has begun. */
    work: Promise<unknown> | null;
  }
}

export interface PredictOptions {
  model: Model;
  admission: Admission;
  recorder: Recorder;
  bodyLimitBytes: number;
}

/** POST /predict and SageMaker's name for it, POST /invocations, under each prefix. */
export function addPredictRoutes(app: FastifyInstance, prefixes: string[], options: PredictOptions): void {
  const { model, bodyLimitBytes } = options;
  app.decorateRequest("work", null);
  app.register(multipart, { limits: { files: 1, fields: 16, parts: 17, fieldSize: 4096, fileSize: bodyLimitBytes } });
  app.removeContentTypeParser("text/plain");
  app.addContentTypeParser(/^image\//, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  // What SageMaker's clients call a picture.
  app.addContentTypeParser("application/x-image", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  for (const path of prefixes.flatMap((prefix) => [`${prefix}/predict`, `${prefix}/invocations`])) {
    app.post(path, { onRequest: (request, reply) => admit(request, reply, options), handler });
  }

  function handler(request: FastifyRequest, reply: FastifyReply) {
    const over = new AbortController();
    reply.raw.once("close", () => over.abort());
    request.work = predict(request, over.signal);
    return request.work;
  }

  async function predict(request: FastifyRequest, abandoned: AbortSignal) {
    const answer =
      model.input === "image"
        ? { predictions: await model.classify(await readPicture(request), readTop(request, model.classes), abandoned) }
        : { prediction: await model.predict(readFeatures(request, model.features), abandoned) };
    return {
      ...answer,
      latency_seconds: Math.round(performance.now() - request.arrivedAt) / 1000,
      model: model.info.name,
      model_version: model.info.version,
    };
  }
}

/** Runs before a byte of the body is read, so what is refused costs next to nothing. */
async function admit(request: FastifyRequest, reply: FastifyReply, options: PredictOptions): Promise<void> {
  const { model, admission, recorder } = options;
  request.isPrediction = true;
  const refusal = admission.refusal() ?? (model.ready ? undefined : errors.notReady());
  // The answer's close, not the request's: that one comes as soon as the body has been read.
  reply.raw.once("close", () => {
    // A caller who hangs up leaves the work behind: its place is free when that has ended as well.
    if (!refusal) void Promise.allSettled([request.work]).then(() => admission.leave());
    const outcome = outcomeOf(reply, refusal);
    const line = summary(request, reply);
    recorder.request(outcome, line.seconds);
    request.log.info({ ...line, outcome }, "prediction");
  });
  if (refusal) throw refusal;
  admission.enter();
  if (request.headers.expect) reply.raw.writeContinue();
  const stopWatching = watchPace(request.raw, () => request.raw.emit("error", errors.tooSlow()));
  reply.raw.once("close", stopWatching);
}

function outcomeOf(reply: FastifyReply, refusal: RequestError | undefined): Outcome {
  // Not whether it is finished: an answer to a body that is not read goes out at once and ends later.
  if (!reply.raw.headersSent) return "gone";
  if (reply.statusCode < 400) return "ok";
  if (reply.statusCode < 500) return "client_error";
  if (reply.statusCode !== 503) return "failed";
  return refusal?.code === "overloaded" ? "overloaded" : "unavailable";
}
