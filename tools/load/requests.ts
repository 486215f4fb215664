import { performance } from "node:perf_hooks";
import { Agent, type Dispatcher } from "undici";

export interface Body {
  readonly type: string;
  readonly bytes: Buffer;
}

/** One request, without the host that it goes to. */
export interface RequestTemplate {
  readonly method: string;
  /** Begins with a slash. It is appended to the URL of the load. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
}

export interface Target extends Partial<Omit<RequestTemplate, "path">> {
  readonly url: URL;
}

export interface Answer {
  /** 0 when the connection failed or no answer came within the limit. */
  readonly status: number;
  /** From the moment the request was due, so that waiting for a slow server counts. */
  readonly latencyMs: number;
  /** Why there is no answer, as a code of the network or of the client. */
  readonly cause?: string;
}

export interface Sender {
  send(target: Target, dueMs: number): Promise<Answer>;
  close(): Promise<void>;
}

export const answerLimitMs = 30_000;

/** With more, the client would mostly open connections. */
const connections = 1_000;

/** Sends over keep-alive connections, one for each request in progress. */
export function sender(): Sender {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: answerLimitMs },
    headersTimeout: answerLimitMs,
    bodyTimeout: answerLimitMs,
  });
  return { send: (target, dueMs) => send(agent, target, dueMs), close: () => agent.destroy() };
}

/** Uses handlers, not promises: at thousands of requests a second the client must not be the bottleneck. */
function send(agent: Agent, { url, method = "GET", body, headers }: Target, dueMs: number): Promise<Answer> {
  const type = body && { "content-type": body.type };
  const request = {
    origin: url.origin,
    path: url.pathname + url.search,
    // Node's HTTP accepts any method; undici's type lists the common ones.
    method: method as Dispatcher.HttpMethod,
    headers: { ...headers, ...type },
    body: body?.bytes,
  } as const;
  return new Promise((resolve) => {
    let status = 0;
    const end = (final: number, cause?: string) =>
      resolve({ status: final, latencyMs: performance.now() - dueMs, ...(cause && { cause }) });
    agent.dispatch(request, {
      // The request may have waited for a free connection until long after it was due.
      onConnect: (abort) => (performance.now() - dueMs > answerLimitMs ? abort() : undefined),
      onHeaders: (code) => {
        status = code;
        return true;
      },
      onData: () => true,
      onComplete: () => end(status),
      onError: (error: NodeJS.ErrnoException) => end(0, error.code ?? error.name),
    });
  });
}
