import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errors } from "../errors";
import type { ImageModel, Model, TensorModel } from "../inference/served-model";
import type { Admission } from "./admission";
import { callerAddress } from "./caller-address";
import { partLongBase64, restoreImage } from "./long-base64";
import { readBody } from "./read-body";
import { readFeatures, readPicture, readTop } from "./read-input";
import type { Uploads } from "./uploads";

/** The bytes, the text made of them, and the base64 taken out of that. */
const copiesOfJson = 3;

export interface PredictOptions {
  model: Model;
  uploads: Uploads;
  admission: Admission;
}

/** POST /predict and SageMaker's name for it, POST /invocations, under each prefix. */
export function addPredictRoutes(app: FastifyInstance, prefixes: string[], options: PredictOptions): void {
  app.removeAllContentTypeParsers();
  // SageMaker's clients send application/x-image.
  for (const type of [/^image\//, "application/x-image", "multipart/form-data"]) {
    app.addContentTypeParser(type, readBody);
  }
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", (request, payload, done) => {
    readBody(request, payload, (error, body) => {
      if (!body) return done(error);
      const parted = partLongBase64(body);
      if (!parted) return void parseJson(request, body.toString(), done);
      parseJson(request, parted.text, (failure, parsed) => done(failure, restoreImage(parsed, parted)));
    });
  });
  const prediction = {
    onRequest: admit(options),
    preParsing: countBytes(options),
    onError: stopCounting(options),
    handler: answer(options),
  };
  for (const url of prefixes.flatMap((prefix) => [`${prefix}/predict`, `${prefix}/invocations`])) {
    app.post(url, prediction);
    app.route({
      method: ["GET", "HEAD", "PUT", "PATCH", "DELETE"],
      url,
      onRequest: refuseMethod,
      handler: refuseMethod,
    });
  }
}

async function refuseMethod(request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header("allow", "POST");
  throw errors.methodNotAllowed(request.method);
}

/** Runs before the body is read, so a refusal here costs almost nothing. */
function admit({ model, uploads, admission }: PredictOptions) {
  return async ({ record, raw, headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const prediction: NonNullable<typeof record.prediction> = {};
    record.prediction = prediction;
    reply.raw.once("close", () => {
      const { upload, work } = prediction;
      // The work goes on after the caller hangs up, and holds the body until it ends.
      if (upload) void Promise.allSettled([work]).then(() => uploads.leave(upload));
    });
    // An upload may be cut off while no other listener is there.
    raw.on("error", () => undefined);
    uploads.recordArrival();
    const refusal = admission.refusal() ?? (model.ready ? undefined : errors.notReady());
    if (refusal) throw refusal;
    prediction.upload = uploads.begin(callerAddress(raw), (error) => raw.emit("error", error));
    if (headers.expect) reply.raw.writeContinue();
  };
}

/** Not async: chunks that arrive between a pause here and the parser's listener would be lost. */
function countBytes({ uploads }: PredictOptions) {
  return ({ record, headers }: FastifyRequest, _: FastifyReply, payload: NodeJS.ReadableStream, done: () => void) => {
    const upload = record.prediction?.upload;
    if (upload) {
      const copies = headers["content-type"]?.startsWith("application/json") ? copiesOfJson : 1;
      payload.on("data", (chunk: Buffer) => uploads.received(upload, copies * chunk.length));
      payload.once("end", () => uploads.arrived(upload));
    }
    done();
  };
}

/** The rest of a refused body is discarded as it arrives: see answerThenDiscard. */
function stopCounting({ uploads }: PredictOptions) {
  return async ({ record }: FastifyRequest) => {
    if (record.prediction?.upload) uploads.arrived(record.prediction.upload);
  };
}

function answer({ model, admission, uploads }: PredictOptions) {
  return (request: FastifyRequest, reply: FastifyReply) => {
    const { prediction } = request.record;
    if (prediction?.upload) uploads.arrived(prediction.upload);
    const closed = new AbortController();
    reply.raw.once("close", () => closed.abort());
    const work = predict(request, closed.signal);
    if (prediction) prediction.work = work;
    return work;
  };

  async function predict(request: FastifyRequest, abandoned: AbortSignal) {
    return {
      ...(model.input === "image"
        ? await classify(model, admission, request, abandoned)
        : await compute(model, admission, request, abandoned)),
      latency_seconds: Math.round(performance.now() - request.record.arrivedAt) / 1000,
      model: model.info.name,
      model_version: model.info.version,
    };
  }
}

async function classify(model: ImageModel, admission: Admission, request: FastifyRequest, abandoned: AbortSignal) {
  const picture = await readPicture(request);
  const top = readTop(request, model.classes);
  return { predictions: await admission.run(() => model.classify(picture, top, abandoned)) };
}

async function compute(model: TensorModel, admission: Admission, request: FastifyRequest, abandoned: AbortSignal) {
  const features = readFeatures(request, model.features);
  return { prediction: await admission.run(() => model.predict(features, abandoned)) };
}
