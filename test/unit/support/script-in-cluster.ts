import { setImmediate as settled } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { scriptText } from "../../../components/eks-service/scripts";

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly body: unknown;
}

type Network = (call: Call) => Reply | Promise<Reply>;

/** As long as a script waits between two tries of a request. */
const longestRetryMs = 2000;

/** A script as the pod runs it, but with another network, another clock and other files. */
export class ScriptInCluster {
  readonly said: string[] = [];
  private resume = () => {};
  private isIdle = false;
  private process = { env: {} as Readonly<Record<string, string>>, exitCode: 0, once: () => {}, exit: () => {} };

  constructor(
    private readonly network: Network,
    /** Milliseconds since 1970. */
    public now: number,
  ) {}

  /** Runs until it ends, or until its first pause that is not one before another try. */
  async start(name: string, env: Readonly<Record<string, string>>): Promise<this> {
    this.process = { ...this.process, env };
    runInNewContext(scriptText(name), this.globals());
    return this.untilIdle();
  }

  /** The next round of a script that goes on. */
  async round(): Promise<this> {
    this.isIdle = false;
    this.now += 60_000;
    this.resume();
    return this.untilIdle();
  }

  get exitCode(): number {
    return this.process.exitCode;
  }

  private async untilIdle(): Promise<this> {
    for (let turn = 0; turn < 200 && !this.isIdle; turn++) await settled();
    return this;
  }

  private globals() {
    const clock = () => this.now;
    class Clock extends Date {
      constructor(...given: [] | [number | string]) {
        super(given[0] ?? clock());
      }
      static override now() {
        return clock();
      }
    }
    const say = (text: string) => this.said.push(text);
    return {
      Date: Clock,
      URL,
      AbortSignal,
      process: this.process,
      console: { log: say, error: say },
      fetch: (url: string, options: { method?: string; headers: Record<string, string>; body?: string }) =>
        this.fetched({ method: "GET", body: "", ...options, url }),
      require: (module: string) => {
        if (module === "node:timers/promises") return { setTimeout: (ms: number) => this.sleep(ms) };
        if (module === "node:fs") return { readFileSync: (path: string) => `content of ${path}\n` };
        return require(module);
      },
    };
  }

  private async fetched(call: Call) {
    const { status = 200, body } = await this.network(call);
    return { ok: status < 300, status, text: async () => (typeof body === "string" ? body : JSON.stringify(body)) };
  }

  private sleep(ms: number): Promise<void> {
    if (ms <= longestRetryMs) return Promise.resolve();
    this.isIdle = true;
    return new Promise((resolve) => {
      this.resume = resolve;
    });
  }
}
