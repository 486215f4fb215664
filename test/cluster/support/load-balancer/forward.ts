import { type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { pipeline } from "node:stream";
import type { Configuration } from "./configuration";
import { headersToClient, headersToTarget } from "./headers";
import { ownAnswer } from "./own-answer";
import type { Target } from "./target";

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues */
const connectLimitMs = 10_000;

/** How a request ended: the status that the client received, and why it was not the target's whole answer. */
export interface End {
  readonly status: number;
  readonly reason?: string;
  /** The beginning of the target's answer when it is an error. */
  readonly said?: string;
}

const longestSaid = 200;

/** Sends a request to a target and the answer to the client, once: a load balancer of AWS repeats nothing. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  { port, idleMs, dropsInvalidHeaders }: Configuration,
  extra: readonly string[],
): Promise<End> {
  return new Promise((resolve) => {
    const call = send({
      agent: target.connections,
      host: target.address.ip,
      port: target.address.port,
      method: request.method,
      path: request.url,
      headers: headersToTarget(request, port, dropsInvalidHeaders),
      setHost: false,
    });
    let ended = false;
    const end = (result: End) => {
      if (ended) return;
      ended = true;
      finish();
      clearTimeout(connecting);
      resolve(result);
    };
    /** Answers for the target. An answer that has begun ends with the call, as the pipeline below destroys both. */
    const fail = (status: number, reason: string) => {
      if (ended) return;
      const begun = response.headersSent;
      end({ status: begun ? response.statusCode : status, reason });
      request.unpipe(call);
      call.destroy();
      if (!begun) ownAnswer(response, status);
    };
    const finish = target.begin((reason) => fail(502, reason));
    const late = () => fail(504, `no connection to the target within ${connectLimitMs / 1000} s`);
    let connecting: NodeJS.Timeout | undefined;
    call.on("socket", (socket) => {
      if (!socket.connecting) return;
      connecting = setTimeout(late, connectLimitMs).unref();
      socket.once("connect", () => clearTimeout(connecting));
    });
    call.setTimeout(idleMs, () =>
      request.complete
        ? fail(504, `no data from the target within the idle timeout of ${idleMs / 1000} s`)
        : fail(408, `no data from the client within the idle timeout of ${idleMs / 1000} s`),
    );
    call.on("error", (error) => fail(502, `the target did not answer: ${error.message}`));
    call.on("response", (answer) => {
      if (ended) return;
      const { statusCode: status = 502, statusMessage } = answer;
      response.writeHead(status, statusMessage, [...headersToClient(answer, response.shouldKeepAlive), ...extra]);
      let said = "";
      if (status >= 400) {
        answer.on("data", (chunk: Buffer) => {
          said += chunk;
        });
      }
      answer.on("error", (error) => fail(status, `the answer of the target broke off: ${error.message}`));
      pipeline(answer, response, (error) =>
        error ? undefined : end({ status, ...(said && { said: said.slice(0, longestSaid) }) }),
      );
    });
    response.on("close", () => {
      if (response.writableFinished) return;
      end({ status: 460, reason: "the client closed its connection" });
      call.destroy();
    });
    request.pipe(call);
  });
}
