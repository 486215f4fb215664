import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceSpec, serviceSpec } from "../../../components/core/service-spec";
import { parseSettings } from "../../../components/settings";
import { taskArguments } from "../../../tools/start/replica";
import type { Image } from "./image-under-test";

const startLimitSeconds = 60;

/** The spec of a replica with default settings. */
export function taskSpec(): ServiceSpec {
  const parsed = parseSettings({ "inference:target": "local" }, { project: "inference", stack: "test" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return serviceSpec(parsed.settings);
}

export interface RunOptions {
  /** The command that an orchestrator passes, after the image name. */
  command?: string[];
  /** Further arguments of docker run. */
  extra?: string[];
}

/** A ready container of the image under the limits of the task, on a published port. */
export class RunningContainer {
  private constructor(
    private readonly image: Image,
    readonly id: string,
    readonly url: string,
  ) {}

  static async start(image: Image, { command = [], extra = [] }: RunOptions = {}): Promise<RunningContainer> {
    const spec = taskSpec();
    const args = ["run", "--detach", `--publish=127.0.0.1::${spec.port}`, ...taskArguments(spec), ...extra];
    const id = (await image.docker.run([...args, image.id, ...command], { limitSeconds: 60 })).trim();
    const published = await image.docker.run(["port", id, `${spec.port}/tcp`], { limitSeconds: 10 }).catch(() => "");
    const container = new RunningContainer(image, id, `http://${published.split("\n")[0]}`);
    try {
      await container.untilReady(spec.paths.readiness);
    } catch (error) {
      await container.remove();
      throw error;
    }
    return container;
  }

  private async untilReady(path: string): Promise<void> {
    const startedAt = performance.now();
    while (performance.now() - startedAt < startLimitSeconds * 1000) {
      const ready = await fetch(this.url + path, { signal: AbortSignal.timeout(2000) }).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      if ((await this.state("Running")) === "false") break;
      await sleep(100);
    }
    throw new Error(`the container is not ready: ${await this.log()}`);
  }

  /** A field of the container's state, such as ExitCode or Health.Status. */
  async state(field: string): Promise<string> {
    const format = `{{.State.${field}}}`;
    return (await this.image.docker.run(["inspect", "--format", format, this.id], { limitSeconds: 10 })).trim();
  }

  /** Runs a command in the container and returns its output. */
  async execute(...command: string[]): Promise<string> {
    return (await this.image.docker.run(["exec", this.id, ...command], { limitSeconds: 60 })).trim();
  }

  async log(): Promise<string> {
    return this.image.docker.run(["logs", this.id], { limitSeconds: 10 });
  }

  /** Sends SIGTERM and resolves with the exit code. */
  async terminate(): Promise<number> {
    await this.image.docker.run(["stop", this.id], { limitSeconds: 120 });
    return Number(await this.state("ExitCode"));
  }

  async remove(): Promise<void> {
    await this.image.docker.run(["rm", "--force", "--volumes", this.id], { limitSeconds: 60 });
  }
}
