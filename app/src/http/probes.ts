import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { FastifyBaseLogger } from "fastify";
import { answerOf, errors, type RequestError } from "../errors";
import type { Model } from "../inference/served-model";
import type { Admission } from "./admission";
import { requestId } from "./request-id";

export interface ProbeOptions {
  model: Model;
  admission: Admission;
  log: FastifyBaseLogger;
}

type Probe = (request: IncomingMessage) => string | RequestError;

/**
 * Answers /health, /ready and /ping ahead of the router and its hooks, which cost more than the answer: probes must not slow down
 * a busy machine. All other requests go to `otherwise`.
 */
export function answerProbes(
  prefixes: string[],
  { model, admission, log }: ProbeOptions,
  otherwise: RequestListener,
): RequestListener {
  const healthy = JSON.stringify({ status: "healthy", model: model.info.name });
  const warm = JSON.stringify({ status: "ready" });
  const health: Probe = () => healthy;
  const ready: Probe = (request) => {
    if (admission.leaving) return errors.draining();
    if (!model.ready) return errors.notReady();
    return model.isSteady || isKubelet(request) ? warm : errors.unsteady();
  };
  const probes = new Map(
    prefixes.flatMap((prefix) => [
      [`${prefix}/health`, health],
      [`${prefix}/ready`, ready],
      [`${prefix}/ping`, ready],
    ]),
  );
  return (request, response) => {
    const asks = request.method === "GET" || request.method === "HEAD";
    const probe = asks ? probes.get(pathOf(request)) : undefined;
    if (!probe) return otherwise(request, response);
    const answer = probe(request);
    const id = requestId(request);
    const status = typeof answer === "string" ? 200 : answer.statusCode;
    send(response, status, typeof answer === "string" ? answer : answerOf(answer, id), id, admission.leaving);
    // Each prober asks every few seconds, so only refusals are logged at info.
    log[status === 200 ? "debug" : "info"](
      { request_id: id, method: request.method, path: request.url, status },
      "probe",
    );
  };
}

/**
 * An unsteady replica still takes predictions. With all targets unhealthy a load balancer sends to all of them (Elastic Load
 * Balancing, "Health checks for Application Load Balancer target groups"), but only to those still registered: the AWS Load
 * Balancer Controller deregisters a pod that is not ContainersReady. The kubelet's user-agent is kube-probe/<version>
 * (kubernetes/kubernetes, pkg/probe/http/request.go).
 */
function isKubelet({ headers }: IncomingMessage): boolean {
  return headers["user-agent"]?.startsWith("kube-probe/") ?? false;
}

function pathOf({ url = "" }: IncomingMessage): string {
  const queryAt = url.indexOf("?");
  return queryAt < 0 ? url : url.slice(0, queryAt);
}

function send(response: ServerResponse, status: number, body: string, id: string, leaving: boolean): void {
  const headers = ["content-type", "application/json; charset=utf-8", "content-length", `${Buffer.byteLength(body)}`];
  headers.push("x-request-id", id);
  if (status === 503) headers.push("retry-after", "1");
  if (status === 503 || leaving) headers.push("connection", "close");
  response.writeHead(status, headers).end(body);
}
