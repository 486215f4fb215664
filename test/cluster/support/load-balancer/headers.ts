import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Headers of a single connection (RFC 9110, 7.6.1), and `Expect`, which Node has answered. */
const ofConnection = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html */
const ofBalancer = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-amzn-trace-id"]);

const bodyless = new Set(["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"]);

/** Headers for the target, as a flat list of names and values: cases and repetitions stay. */
export function headersToTarget(request: IncomingMessage, port: number, dropsInvalid: boolean): string[] {
  const kept = passed(request).filter(
    ([name]) => !ofBalancer.has(name.toLowerCase()) && !(dropsInvalid && !/^[-A-Za-z0-9]+$/.test(name)),
  );
  const { "transfer-encoding": coding, "content-length": length } = request.headers;
  if (coding !== undefined) kept.push(["Transfer-Encoding", "chunked"]);
  else if (length === undefined && !bodyless.has(request.method ?? "")) kept.push(["Content-Length", "0"]);
  const before = request.headersDistinct["x-forwarded-for"] ?? [];
  kept.push(
    ["X-Forwarded-For", [...before, (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "")].join(", ")],
    ["X-Forwarded-Proto", "http"],
    ["X-Forwarded-Port", String(port)],
    ["X-Amzn-Trace-Id", traceId(request.headersDistinct["x-amzn-trace-id"]?.[0])],
  );
  return kept.flat();
}

/** Headers for the client. An explicit `Connection` keeps Node's `Keep-Alive` out, which the load balancer of AWS does not send. */
export function headersToClient(answer: IncomingMessage, keepsAlive: boolean): string[] {
  return [...passed(answer), ["Connection", keepsAlive ? "keep-alive" : "close"]].flat();
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
function traceId(given: string | undefined): string {
  const id = `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
  if (given === undefined) return `Root=${id}`;
  const others = given.split(";").filter((field) => !field.startsWith("Self="));
  return [`Self=${id}`, ...others].join(";");
}

function passed({ rawHeaders, headers }: IncomingMessage): [string, string][] {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    const lower = name.toLowerCase();
    if (!ofConnection.has(lower) && !named.includes(lower)) pairs.push([name, value]);
  }
  return pairs;
}
