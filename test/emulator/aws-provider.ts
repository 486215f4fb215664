import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { endGroup } from "../support/engine/runner";
import { onEnd } from "../support/on-end";

const startLimitMs = 60_000;

/**
 * The real provider, started once and attached to by every command of a suite. Each command would start one otherwise, and reading
 * its schema takes longer than most of what it is asked. What the last command configured holds, so stacks take turns with it.
 */
export class AwsProvider {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: string,
  ) {}

  static async start(executable: string, environment: NodeJS.ProcessEnv): Promise<AwsProvider> {
    // It is configured anew by each command, and takes a bundle of certificates only once; the emulator speaks plain HTTP.
    const env = { ...environment, AWS_CA_BUNDLE: undefined };
    // A group, for it has a process of its own for Terraform's part.
    const child = spawn(executable, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const forget = onEnd(() => endGroup(child));
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
      const provider = new AwsProvider(child, port);
      provider.forget = forget;
      return provider;
    } catch (error) {
      forget();
      endGroup(child);
      throw new Error(`${executable} did not say its port: ${(error as Error).message}\n${said}`);
    }
  }

  /** Leads the engine to it. */
  get environment() {
    return { PULUMI_DEBUG_PROVIDERS: `aws:${this.port}` };
  }

  readonly stop = (): void => {
    this.forget();
    endGroup(this.child);
  };

  private forget = (): void => {};
}
