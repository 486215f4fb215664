import { once } from "node:events";
import { createServer, request as forward, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

const answerLimitMs = 60_000;

/** So many answers are kept for who did not hear them. */
const keptAnswers = 500;

/** Answers an action of AWS; `passOn` has the emulator answer it, or what is asked instead. */
export type Action = (asked: never, passOn: (instead?: object) => Promise<never>) => unknown;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The emulator would not do it, and says why. */
class Refused {
  constructor(readonly answer: Answer) {}
}

/**
 * Stands before the emulator. Some actions are done here. And who has heard no answer asks again under the same id, as SDKs do: what was
 * done once is then told again and not done again, as AWS would by its own means.
 */
export class EmulatorProxy {
  private readonly answers = new Map<string, Promise<Answer>>();
  private toldAgain = 0;

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
    if (this.toldAgain > 0) console.log(`  ${this.toldAgain} answer(s) of the emulator had to be told again`);
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(request: IncomingMessage): Promise<Answer> {
    const id = request.headers["amz-sdk-invocation-id"];
    if (typeof id !== "string") return this.ask(request);
    const before = this.answers.get(id);
    if (before) {
      this.toldAgain += 1;
      return before;
    }
    const answer = this.ask(request);
    this.answers.set(id, answer);
    // A refusal may be another one the next time.
    const forget = () => this.answers.delete(id);
    answer.then(({ status }) => status >= 300 && forget(), forget);
    const [oldest] = this.answers.keys();
    if (this.answers.size > keptAnswers && oldest) this.answers.delete(oldest);
    return answer;
  }

  private async ask(request: IncomingMessage): Promise<Answer> {
    const body = await buffer(request);
    const action = this.actions[actionOf(request)];
    if (!action) return this.passOn(request, body);
    try {
      const answered = async (instead?: object) => {
        const answer = await this.passOn(request, instead ? Buffer.from(JSON.stringify(instead)) : body);
        if (answer.status !== 200) throw new Refused(answer);
        return JSON.parse(answer.body.toString()) as never;
      };
      const said = await action(JSON.parse(body.toString() || "{}") as never, answered);
      const headers = { "content-type": "application/x-amz-json-1.1" };
      return { status: 200, headers, body: Buffer.from(JSON.stringify(said)) };
    } catch (error) {
      if (error instanceof Refused) return error.answer;
      throw error;
    }
  }

  private passOn({ method, url, headers: given }: IncomingMessage, body: Buffer): Promise<Answer> {
    const headers = { ...ofMessage(given), "content-length": body.length };
    return new Promise((resolve, reject) => {
      const late = () => call.destroy(new Error(`${method} ${url} had no answer within ${answerLimitMs / 1000} s`));
      const call = forward(`${this.emulator}${url}`, { method, headers, timeout: answerLimitMs }, (heard) => {
        const { statusCode: status = 502 } = heard;
        buffer(heard).then((text) => resolve({ status, headers: ofMessage(heard.headers), body: text }), reject);
      });
      call.on("timeout", late).on("error", reject).end(body);
    });
  }
}

/** By its name where the service has one protocol of names, and by method and path elsewhere. */
function actionOf({ headers, method, url = "" }: IncomingMessage): string {
  const target = headers["x-amz-target"];
  return typeof target === "string" ? (target.split(".").at(-1) ?? "") : `${method} ${url.split("?", 1)[0]}`;
}

/** Without what is said of one connection alone. */
const ofMessage = ({ connection, expect, "transfer-encoding": coding, ...headers }: IncomingHttpHeaders) => headers;
