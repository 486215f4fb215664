import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onEnd } from "../../support/on-end";
import { endSession } from "./runner";

const startLimitMs = 60_000;

/**
 * A provider that is started once and shared by all commands of a sandbox: starting one takes longer than most commands.
 * It keeps the configuration of the last command, so commands must run one at a time.
 */
export class ProviderProcess {
  private forget = (): void => {};

  private constructor(
    private readonly child: ChildProcess,
    /** `name:port`, the format of PULUMI_DEBUG_PROVIDERS. */
    readonly address: string,
  ) {}

  static async start(name: string, environment: NodeJS.ProcessEnv): Promise<ProviderProcess> {
    const executable = `pulumi-resource-${name}`;
    // The AWS provider fails when it is configured a second time with a certificate bundle; the emulator speaks plain HTTP.
    const env = { ...environment, AWS_CA_BUNDLE: undefined };
    // A session of its own, so that its child processes end with it.
    const child = spawn(executable, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const forget = onEnd(() => endSession(child));
    let printed = "";
    child.stderr.on("data", (chunk) => {
      printed += chunk;
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
      const why = limit.aborted ? `no output within ${startLimitMs / 1000} s` : (error as Error).message;
      throw new Error(`${executable} did not print its port: ${why}\n${printed}`);
    }
  }

  stop(): void {
    this.forget();
    endSession(this.child);
  }
}

/** Environment that makes the engine attach to these providers. */
export function attachedTo(providers: readonly ProviderProcess[]): NodeJS.ProcessEnv {
  if (providers.length === 0) return {};
  return { PULUMI_DEBUG_PROVIDERS: providers.map(({ address }) => address).join() };
}
