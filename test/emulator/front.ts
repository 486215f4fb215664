import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, json } from "node:stream/consumers";

const answerLimitMs = 60_000;

/** Answers an action of AWS; `passOn` has the emulator answer it, or what is asked instead. */
export type Action = (asked: never, passOn: (instead?: object) => Promise<never>) => unknown;

/** The emulator would not do it, and says why. */
class Refused {
  constructor(readonly answer: IncomingMessage) {}
}

/** A service of AWS as far as the emulator has it, with some actions done here. */
export class Front {
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: Error) => response.destroy(error));
  });

  private constructor(
    private readonly emulator: string,
    private readonly actions: Readonly<Record<string, Action>>,
  ) {}

  static async open(emulator: string, actions: Readonly<Record<string, Action>>): Promise<Front> {
    const front = new Front(emulator, actions);
    // It must not keep a test run alive by itself.
    front.server.listen(0, "127.0.0.1").unref();
    await once(front.server, "listening");
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const action = this.actions[String(request.headers["x-amz-target"]).split(".").at(-1) ?? ""];
    if (!action) return relay(await this.passOn(request, body), response);
    try {
      const answered = async (instead?: object) => {
        const answer = await this.passOn(request, instead ? Buffer.from(JSON.stringify(instead)) : body);
        if (answer.statusCode !== 200) throw new Refused(answer);
        return (await json(answer)) as never;
      };
      const said = await action(JSON.parse(body.toString()) as never, answered);
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(said));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      relay(error.answer, response);
    }
  }

  private passOn({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const ofBody = { ...headers, "content-length": body.length };
      const late = () => call.destroy(new Error(`${method} ${url} had no answer within ${answerLimitMs / 1000} s`));
      const call = forward(`${this.emulator}${url}`, { method, headers: ofBody, timeout: answerLimitMs }, resolve);
      call.on("timeout", late).on("error", reject).end(body);
    });
  }
}

function relay(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}
