import { createServer } from "node:http";
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { Registry } from "prom-client";
import { answerOf, errors, RequestError } from "../errors";
import type { Model } from "../inference/served-model";
import type { Recorder } from "../telemetry/metrics";
import type { Admission } from "./admission";
import { type ApiKeys, requireApiKey } from "./api-keys";
import { addPage } from "./page";
import { addPredictRoutes } from "./predict-routes";
import { answerProbes } from "./probes";
import { typesExpected } from "./read-input";
import { requestId } from "./request-id";
import { recordRequests } from "./request-record";
import { addStatusRoutes, type Release } from "./status-routes";
import { answerThenDiscard, hasUnreadBody } from "./unread-body";
import type { Uploads } from "./uploads";

export interface ServerOptions {
  model: Model;
  admission: Admission;
  uploads: Uploads;
  bodyLimitBytes: number;
  /** The idle timeout of the load balancer. */
  idleSeconds: number;
  pathPrefix?: string;
  /** Absent: no key is needed. */
  apiKeys?: ApiKeys;
  release: Release;
  recorder: Recorder;
  registry: Registry;
  log: FastifyBaseLogger;
}

/** Beyond the idle timeout of the load balancer, or it would sometimes send into a connection that just closed. */
const keepAliveMarginSeconds = 15;

const timeouts = {
  headersTimeout: 15_000,
  // Uploads end sooner, with an answer; this bounds the bodies of requests that are refused.
  requestTimeout: 60_000,
};

/** The HTTP server of a model. The caller decides whether and where it listens. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const { model, admission, uploads, bodyLimitBytes, idleSeconds, recorder, registry, release, log } = options;
  const prefixes = options.pathPrefix ? ["", options.pathPrefix] : [""];
  const keepAliveTimeout = (idleSeconds + keepAliveMarginSeconds) * 1000;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    genReqId: requestId,
    bodyLimit: bodyLimitBytes,
    serverFactory: (route) =>
      createServer({ ...timeouts, keepAliveTimeout }, answerProbes(prefixes, { model, admission, log }, route)),
    // Shutting down closes idle connections only, so no reply is cut off.
    forceCloseConnections: "idle",
  });

  // Node would answer Expect: 100-continue by itself; here admit() does, once the request is admitted.
  app.server.on("checkContinue", (request, response) => app.server.emit("request", request, response));

  recordRequests(app, recorder);
  requireApiKey(app, options.apiKeys);
  refuseOtherSpellings(app);
  addErrorAnswers(app, options);
  app.addHook("onSend", async (_request, reply) => {
    if (admission.leaving) reply.header("connection", "close");
  });
  addPredictRoutes(app, prefixes, { model, admission, uploads });
  addStatusRoutes(app, prefixes, { model, registry, release });
  if (model.input === "image") addPage(app, prefixes, bodyLimitBytes);
  return app;
}

/**
 * A load balancer hides /metrics, /ready and /ping from the public by their literal path. The router also accepts them
 * percent-encoded, so any spelling other than the route's own is refused.
 */
function refuseOtherSpellings(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    if (request.is404) return;
    const [path] = (request.raw.url ?? "").split("?", 1);
    if (path !== request.routeOptions.url) throw errors.notFound();
  });
}

function addErrorAnswers(app: FastifyInstance, options: Pick<ServerOptions, "model" | "bodyLimitBytes">): void {
  app.setNotFoundHandler(async () => {
    throw errors.notFound();
  });
  app.setErrorHandler<FastifyError | RequestError>((error, request, reply) => {
    const known = asRequestError(error, request, options);
    request.record.refusal = known;
    if (known.statusCode === 500) request.log.error({ err: error }, "request failed");
    const isUnread = hasUnreadBody(request.raw);
    if (known.statusCode === 503) reply.header("retry-after", "1");
    if ((known.statusCode === 503 || isUnread) && !mayComeAgain(request, known)) reply.header("connection", "close");
    const answer = answerOf(known, request.id);
    reply.code(known.statusCode).type("application/json; charset=utf-8");
    if (!isUnread) return reply.send(answer);
    return reply
      .header("content-length", Buffer.byteLength(answer))
      .send(answerThenDiscard(request.raw, reply.raw, answer));
  });
}

/**
 * New connections take CPU of both sides: in an overload, callers took 0.27 core with them and 0.17 without. But the body of a caller that
 * waits for 100 Continue never comes. Of an upload that was cut off, fastify closes the connection.
 */
function mayComeAgain({ headers }: FastifyRequest, { code }: RequestError): boolean {
  return code === "overloaded" && headers.expect === undefined;
}

function asRequestError(
  error: FastifyError | RequestError,
  { headers }: FastifyRequest,
  { model, bodyLimitBytes }: Pick<ServerOptions, "model" | "bodyLimitBytes">,
): RequestError {
  if (error instanceof RequestError) return error;
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return errors.failed();
  if (status === 413) return errors.tooLarge(bodyLimitBytes);
  if (status === 415) return errors.unsupportedType(headers["content-type"] ?? "missing", typesExpected[model.input]);
  return new RequestError(status, "bad_input", error.message);
}
