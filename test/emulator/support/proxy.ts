import { once } from "node:events";
import { createServer, request as forward, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { actionOf } from "./recorded-calls";

const answerLimitMs = 60_000;

/** Number of answers kept for retries. */
const keptAnswers = 500;

/**
 * Answers an AWS action itself; `passOn` sends the request, or another one in its place, to the emulator. In a JSON protocol they receive
 * and return objects. In AWS's query protocol a request is an object of the form's parameters, and an answer is XML text.
 */
export type Action = (request: never, passOn: (instead?: object) => Promise<never>) => unknown;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An error answer of the emulator. */
class Refused {
  constructor(readonly answer: Answer) {}
}

/**
 * A proxy before the emulator. It answers some actions itself. The emulator sometimes loses an answer, and the SDK then retries with
 * the same invocation id: the proxy repeats the first answer instead of running the call twice, as AWS does with idempotency tokens.
 */
export class EmulatorProxy {
  /** The actions of all requests since it was emptied, by IAM's names. */
  readonly called = new Set<string>();
  private readonly answers = new Map<string, Promise<Answer>>();
  private repeated = 0;

  private readonly server = createServer((request, response) => {
    this.answer(request).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      (error: Error) => response.destroy(error),
    );
  });

  private constructor(
    private readonly emulator: string,
    private readonly actions: Readonly<Record<string, Action>>,
  ) {}

  static async open(emulator: string, actions: Readonly<Record<string, Action>> = {}): Promise<EmulatorProxy> {
    const proxy = new EmulatorProxy(emulator, actions);
    // It must not keep a test run alive by itself.
    proxy.server.listen(0, "127.0.0.1").unref();
    await once(proxy.server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    if (this.repeated > 0) console.log(`  the proxy repeated ${this.repeated} answer(s) that the emulator had lost`);
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(request: IncomingMessage): Promise<Answer> {
    const id = request.headers["amz-sdk-invocation-id"];
    if (typeof id !== "string") return this.handle(request);
    const before = this.answers.get(id);
    if (before) {
      this.repeated += 1;
      return before;
    }
    const answer = this.handle(request);
    this.answers.set(id, answer);
    // A refused call may succeed when it is retried.
    const forget = () => this.answers.delete(id);
    answer.then(({ status }) => status >= 300 && forget(), forget);
    const [oldest] = this.answers.keys();
    if (this.answers.size > keptAnswers && oldest) this.answers.delete(oldest);
    return answer;
  }

  private async handle(request: IncomingMessage): Promise<Answer> {
    const body = await buffer(request);
    const protocol = protocolOf(request);
    const named = protocol.action(request, body.toString());
    const asked = actionOf(request, named);
    if (asked !== undefined) this.called.add(asked);
    const action = this.actions[named];
    if (!action) return this.passOn(request, body);
    try {
      const answered = async (instead?: object) => {
        const answer = await this.passOn(request, instead ? Buffer.from(protocol.write(instead)) : body);
        if (answer.status !== 200) throw new Refused(answer);
        return protocol.readAnswer(answer.body.toString()) as never;
      };
      const result = protocol.writeAnswer(await action(protocol.read(body.toString()) as never, answered));
      return { status: 200, headers: { "content-type": protocol.type }, body: Buffer.from(result) };
    } catch (error) {
      if (error instanceof Refused) return error.answer;
      throw error;
    }
  }

  private passOn({ method, url, headers: given }: IncomingMessage, body: Buffer): Promise<Answer> {
    const headers = { ...ofMessage(given), "content-length": body.length };
    return new Promise((resolve, reject) => {
      const late = () => call.destroy(new Error(`${method} ${url} was not answered within ${answerLimitMs / 1000} s`));
      const call = forward(`${this.emulator}${url}`, { method, headers, timeout: answerLimitMs }, (received) => {
        const { statusCode: status = 502 } = received;
        buffer(received).then((text) => resolve({ status, headers: ofMessage(received.headers), body: text }), reject);
      });
      call.on("timeout", late).on("error", reject).end(body);
    });
  }
}

interface Protocol {
  readonly type: string;
  action(request: IncomingMessage, body: string): string;
  read(body: string): object;
  write(request: object): string;
  readAnswer(body: string): unknown;
  writeAnswer(answer: unknown): string;
}

/** Names the action in a header; REST requests have a method and a path instead. */
const json: Protocol = {
  type: "application/x-amz-json-1.1",
  action: ({ headers, method, url = "" }) => {
    const target = headers["x-amz-target"];
    return typeof target === "string" ? (target.split(".").at(-1) ?? "") : `${method} ${url.split("?", 1)[0]}`;
  },
  read: (body) => JSON.parse(body || "{}"),
  write: JSON.stringify,
  readAnswer: JSON.parse,
  writeAnswer: JSON.stringify,
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonParameters.html */
const query: Protocol = {
  type: "text/xml",
  action: (_, body) => new URLSearchParams(body).get("Action") ?? "",
  read: (body) => Object.fromEntries(new URLSearchParams(body)),
  write: (request) => new URLSearchParams(Object.entries(request)).toString(),
  readAnswer: (body) => body,
  writeAnswer: String,
};

const protocolOf = ({ headers }: IncomingMessage) =>
  headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? query : json;

/** Headers without those of a single connection. */
const ofMessage = ({ connection, expect, "transfer-encoding": coding, ...headers }: IncomingHttpHeaders) => headers;
