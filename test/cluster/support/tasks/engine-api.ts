import { Agent, type ClientRequest, type IncomingMessage, request as send } from "node:http";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import type { Docker } from "../../../../tools/start/docker";

export interface ContainerEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

export class EngineError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Docker's HTTP API, of the engine that the docker command uses. A command for each step would use a core while requests pass, and its
 * options cannot express an entry point of several words or a health check without a shell.
 */
export class EngineApi {
  private readonly agent = new Agent({ keepAlive: true });
  private stream: ClientRequest | undefined;

  private constructor(private readonly address: { socketPath: string } | { host: string; port: string }) {}

  static async of(docker: Docker): Promise<EngineApi> {
    const format = ["--format", "{{.Endpoints.docker.Host}}"];
    const host = (await docker.run(["context", "inspect", ...format], { limitSeconds: 10 })).trim();
    const [, socketPath] = /^unix:\/\/(.+)$/.exec(host) ?? [];
    if (socketPath) return new EngineApi({ socketPath });
    const [, name, port] = /^tcp:\/\/([^:/]+):(\d+)$/.exec(host) ?? [];
    if (name && port) return new EngineApi({ host: name, port });
    throw new Error(`the Docker engine is at ${host}; expected unix://<socket> or tcp://<host>:<port>`);
  }

  /** Without a limit: stopping a container takes as long as the container does. */
  async call(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Buffer> {
    const response = await this.open(method, path, body);
    const answer = await buffer(response);
    const { statusCode: status = 500 } = response;
    // 304: already started or stopped.
    if (status >= 400) throw new EngineError(status, messageOf(answer));
    return answer;
  }

  async json<Result>(method: "GET" | "POST", path: string, body?: object): Promise<Result> {
    return JSON.parse((await this.call(method, path, body)).toString()) as Result;
  }

  /** Reports events of containers with this label until close(). */
  async watch(label: string, onEvent: (event: ContainerEvent) => void): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ type: ["container"], label: [label] }));
    const response = await this.open("GET", `/events?filters=${filters}`, undefined, (call) => {
      this.stream = call;
    });
    const lines = createInterface(response).on("line", (line) => onEvent(JSON.parse(line) as ContainerEvent));
    // close() ends the stream with an error, which both report.
    for (const source of [response, lines]) source.on("error", () => {});
  }

  close(): void {
    this.stream?.destroy();
    this.agent.destroy();
  }

  private open(method: string, path: string, body?: object, opened?: (call: ClientRequest) => void) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const call = send({ ...this.address, method, path, headers, agent: this.agent }, resolve).on("error", reject);
      opened?.(call);
      call.end(text);
    });
  }
}

function messageOf(answer: Buffer): string {
  try {
    return (JSON.parse(answer.toString()) as { message: string }).message;
  } catch {
    return answer.toString();
  }
}
