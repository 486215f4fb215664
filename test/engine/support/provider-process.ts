import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onEnd } from "../../support/on-end";
import { endSession } from "./runner";

const startLimitMs = 60_000;

/**
 * A provider started once and attached to by every command of a sandbox. Each command would start one otherwise, which takes longer than
 * most of what it is asked. What the last command configured holds, so commands take turns with it.
 */
export class ProviderProcess {
  private forget = (): void => {};

  private constructor(
    private readonly child: ChildProcess,
    /** Name and port, as the engine wants them. */
    readonly address: string,
  ) {}

  static async start(name: string, environment: NodeJS.ProcessEnv): Promise<ProviderProcess> {
    const executable = `pulumi-resource-${name}`;
    // The real one takes a bundle of certificates only once, and is configured anew by each command; what it asks speaks plain HTTP.
    const env = { ...environment, AWS_CA_BUNDLE: undefined };
    // A session, for it may have processes of its own.
    const child = spawn(executable, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const forget = onEnd(() => endSession(child));
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const limit = AbortSignal.timeout(startLimitMs);
    try {
      const [port] = await Promise.race([
        once(createInterface(child.stdout), "line", { signal: limit }),
        once(child, "exit", { signal: limit }).then(([code]) => {
          throw new Error(`it exited with ${code}`);
        }),
      ]);
      const provider = new ProviderProcess(child, `${name}:${port}`);
      provider.forget = forget;
      return provider;
    } catch (error) {
      forget();
      endSession(child);
      const why = limit.aborted ? `nothing within ${startLimitMs / 1000} s` : (error as Error).message;
      throw new Error(`${executable} did not say its port: ${why}\n${said}`);
    }
  }

  stop(): void {
    this.forget();
    endSession(this.child);
  }
}

/** Leads the engine to them. */
export function attachedTo(providers: readonly ProviderProcess[]): NodeJS.ProcessEnv {
  if (providers.length === 0) return {};
  return { PULUMI_DEBUG_PROVIDERS: providers.map(({ address }) => address).join() };
}
