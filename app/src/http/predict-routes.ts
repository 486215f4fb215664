import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errors } from "../errors";
import type { Model } from "../inference/served-model";
import type { Outcome, Recorder } from "../telemetry/metrics";
import { summary } from "../telemetry/request-log";
import type { Admission } from "./admission";
import { callerAddress } from "./caller-address";
import { readFeatures, readPicture, readTop } from "./read-input";
import type { Upload, Uploads } from "./uploads";

declare module "fastify" {
  interface FastifyRequest {
    upload: Upload | null;
    /** The prediction, once its body is there. */
    work: Promise<unknown> | null;
  }
}

/** The bytes, the text made of them, and the base64 taken out of that. */
const copiesOfJson = 3;

export interface PredictOptions {
  model: Model;
  uploads: Uploads;
  admission: Admission;
  recorder: Recorder;
}

/** POST /predict and SageMaker's name for it, POST /invocations, under each prefix. */
export function addPredictRoutes(app: FastifyInstance, prefixes: string[], options: PredictOptions): void {
  const { model, uploads, admission } = options;
  app.decorateRequest("upload", null);
  app.decorateRequest("work", null);
  app.removeContentTypeParser("text/plain");
  // application/x-image is what SageMaker's clients call a picture.
  for (const type of [/^image\//, "application/x-image", "multipart/form-data"]) {
    app.addContentTypeParser(type, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  }
  for (const url of prefixes.flatMap((prefix) => [`${prefix}/predict`, `${prefix}/invocations`])) {
    app.post(url, {
      onRequest: (request, reply) => admit(request, reply, options),
      preParsing: count,
      onError: stopCounting,
      handler,
    });
    app.route({
      method: ["GET", "HEAD", "PUT", "PATCH", "DELETE"],
      url,
      onRequest: refuseMethod,
      handler: refuseMethod,
    });
  }

  /** Not async: what arrives between a pause here and the parser's own listener would be lost. */
  function count(request: FastifyRequest, _reply: FastifyReply, payload: NodeJS.ReadableStream, done: () => void) {
    const { upload } = request;
    if (upload) {
      const copies = request.headers["content-type"]?.startsWith("application/json") ? copiesOfJson : 1;
      payload.on("data", (chunk: Buffer) => uploads.received(upload, copies * chunk.length));
      payload.once("end", () => uploads.arrived(upload));
    }
    done();
  }

  /** What still comes of a body that is refused is thrown away: see answerThenDiscard. */
  async function stopCounting({ upload }: FastifyRequest) {
    if (upload) uploads.arrived(upload);
  }

  function handler(request: FastifyRequest, reply: FastifyReply) {
    if (request.upload) uploads.arrived(request.upload);
    const over = new AbortController();
    reply.raw.once("close", () => over.abort());
    request.work = predict(request, over.signal);
    return request.work;
  }

  async function predict(request: FastifyRequest, abandoned: AbortSignal) {
    return {
      ...(model.input === "image"
        ? await classify(model, request, abandoned)
        : await compute(model, request, abandoned)),
      latency_seconds: Math.round(performance.now() - request.arrivedAt) / 1000,
      model: model.info.name,
      model_version: model.info.version,
    };
  }

  async function classify(of: Extract<Model, { input: "image" }>, request: FastifyRequest, abandoned: AbortSignal) {
    const picture = await readPicture(request);
    const top = readTop(request, of.classes);
    return { predictions: await admission.run(() => of.classify(picture, top, abandoned)) };
  }

  async function compute(of: Extract<Model, { input: "tensor" }>, request: FastifyRequest, abandoned: AbortSignal) {
    const features = readFeatures(request, of.features);
    return { prediction: await admission.run(() => of.predict(features, abandoned)) };
  }
}

async function refuseMethod(request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header("allow", "POST");
  throw errors.methodNotAllowed(request.method);
}

/** Runs before a byte of the body is read, so what is refused here costs next to nothing. */
async function admit(request: FastifyRequest, reply: FastifyReply, options: PredictOptions): Promise<void> {
  const { model, uploads, admission, recorder } = options;
  request.isPrediction = true;
  // The answer's close, not the request's: that one comes as soon as the body has been read.
  reply.raw.once("close", () => {
    const { upload, work } = request;
    // A caller who hangs up leaves the work behind, and with it what it holds.
    if (upload) void Promise.allSettled([work]).then(() => uploads.leave(upload));
    const outcome = outcomeOf(request, reply);
    const line = summary(request, reply);
    recorder.request(outcome, line.seconds);
    request.log.info({ ...line, outcome }, "prediction");
  });
  // An upload may be cut off while no listener reads it.
  request.raw.on("error", () => undefined);
  uploads.recordArrival();
  const refusal = admission.refusal() ?? (model.ready ? undefined : errors.notReady());
  if (refusal) throw refusal;
  request.upload = uploads.begin(callerAddress(request.raw), (error) => request.raw.emit("error", error));
  if (request.headers.expect) reply.raw.writeContinue();
}

function outcomeOf({ refusal }: FastifyRequest, reply: FastifyReply): Outcome {
  // Not whether it is finished: an answer to a body that is not read goes out at once and ends later.
  if (!reply.raw.headersSent) return "gone";
  if (reply.statusCode < 400) return "ok";
  if (reply.statusCode < 500) return "client_error";
  if (reply.statusCode !== 503) return "failed";
  return refusal?.code === "overloaded" ? "overloaded" : "unavailable";
}
