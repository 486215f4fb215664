import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { askReadiness } from "../../components/core/readiness";
import type { ServiceSpec } from "../../components/core/service-spec";
import { UserError } from "../cli/user-error";
import { CommandError } from "../start/command";
import type { Docker } from "../start/docker";
import { processArguments, taskArguments } from "../start/replica";
import { lastLogLine } from "../start/service";

export interface ContainerToRun {
  readonly spec: ServiceSpec;
  /** Its name or id. */
  readonly image: string;
  /** In place of the words that follow the image. */
  readonly command?: readonly string[];
  /** Further arguments of docker run. */
  readonly extra?: readonly string[];
}

/** A ready container under the limits of the task, on a published port of this machine. It is removed when this process ends. */
export class RunningContainer {
  /** From docker run to the first 200 of the readiness path. */
  startSeconds = 0;
  /** Empty if the container ended before its port could be read. */
  url = "";

  private readonly removeNow = () => {
    spawnSync("docker", removal(this.id), { stdio: "ignore", env: this.docker.env });
  };

  private constructor(
    private readonly docker: Docker,
    /** A name of its own: a container that Docker could not start has to be removed, too. */
    readonly id: string,
  ) {
    process.once("exit", this.removeNow);
  }

  static async start(docker: Docker, wanted: ContainerToRun): Promise<RunningContainer> {
    const startedAtMs = performance.now();
    const container = await RunningContainer.launch(docker, wanted).catch(refused(wanted.image));
    try {
      await container.untilReady(wanted.spec);
    } catch (error) {
      await container.remove();
      throw error;
    }
    container.startSeconds = (performance.now() - startedAtMs) / 1000;
    return container;
  }

  /** Does not wait until it is ready. Rejects with Docker's CommandError if it could not be started. */
  static async launch(
    docker: Docker,
    { spec, image, command = processArguments(spec), extra = [] }: ContainerToRun,
  ): Promise<RunningContainer> {
    launched += 1;
    const container = new RunningContainer(docker, `inference-run-${process.pid}-${launched}`);
    const args = ["run", "--detach", `--name=${container.id}`, `--publish=127.0.0.1::${spec.port}`];
    const words = [...args, ...taskArguments(spec), ...extra, image, ...command];
    try {
      await docker.run(words, { limitSeconds: 60 });
    } catch (error) {
      await container.remove();
      throw error;
    }
    container.url = (await container.urlOf(spec.port)) ?? "";
    return container;
  }

  /** Of a published port, on this machine. Undefined if it is not published, as of a container that has ended. */
  async urlOf(port: number): Promise<string | undefined> {
    const published = await this.docker.run(["port", this.id, `${port}/tcp`], { limitSeconds: 10 }).catch(() => "");
    const [address = ""] = published.split("\n");
    return address === "" ? undefined : `http://${address}`;
  }

  async isRunning(): Promise<boolean> {
    return (await this.state("Running")) === "true";
  }

  private async untilReady({ paths: { readiness: path }, startSeconds: limitSeconds }: ServiceSpec): Promise<void> {
    const end = performance.now() + limitSeconds * 1000;
    while (performance.now() < end) {
      // First: without it there may be no URL.
      if (!(await this.isRunning())) {
        const code = await this.state("ExitCode");
        throw new UserError(
          `The container ended with exit code ${code} before it was ready: ${lastLogLine(await this.log())}`,
        );
      }
      if (this.url !== "" && (await askReadiness(this.url + path)) === undefined) return;
      await sleep(100);
    }
    const last = lastLogLine(await this.log());
    throw new UserError(`The container did not answer GET ${path} with 200 within ${limitSeconds} s: ${last}`);
  }

  /** The address of the engine; undefined for the default one. */
  get host(): string | undefined {
    return this.docker.env.DOCKER_HOST;
  }

  /** A field of the container's state, such as ExitCode or Health.Status. */
  async state(field: string): Promise<string> {
    const format = `{{.State.${field}}}`;
    return (await this.docker.run(["inspect", "--format", format, this.id], { limitSeconds: 10 })).trim();
  }

  /** Runs a command in the container and returns its output. */
  async execute(...command: string[]): Promise<string> {
    return (await this.docker.run(["exec", this.id, ...command], { limitSeconds: 60 })).trim();
  }

  /** What it printed, standard error included. */
  async log(): Promise<string> {
    let text = "";
    const onOutput = (more: string) => {
      text += more;
    };
    await this.docker.run(["logs", this.id], { limitSeconds: 10, onOutput });
    return text;
  }

  /** The memory in use, without the cache of files: https://docs.docker.com/reference/cli/docker/container/stats/ */
  async memoryMiB(): Promise<number> {
    const args = ["stats", "--no-stream", "--format", "{{.MemUsage}}", this.id];
    return mebibytes(await this.docker.run(args, { limitSeconds: 20 }));
  }

  /** Sends SIGTERM and resolves with the exit code. */
  async terminate(): Promise<number> {
    await this.docker.run(["stop", this.id], { limitSeconds: 120 });
    return Number(await this.state("ExitCode"));
  }

  async remove(): Promise<void> {
    process.off("exit", this.removeNow);
    await this.docker.run(removal(this.id), { limitSeconds: 60 });
  }
}

let launched = 0;

const refused = (image: string) => (error: unknown) => {
  if (!(error instanceof CommandError)) throw error;
  const lines = error.stderr.trim().split("\n");
  throw new UserError(`Docker does not run ${image}: ${lines.find((line) => /error/i.test(line)) ?? error.reason}`);
};

const removal = (id: string) => ["rm", "--force", "--volumes", id];

const inMiB: Readonly<Record<string, number>> = { B: 2 ** -20, KiB: 2 ** -10, MiB: 1, GiB: 2 ** 10, TiB: 2 ** 20 };

/** 151.2MiB / 1GiB -> 151.2 */
export function mebibytes(usage: string): number {
  const [, value, unit = ""] = /^\s*([\d.]+)\s*(\w+)/.exec(usage) ?? [];
  const scale = inMiB[unit];
  if (value === undefined || scale === undefined) throw new Error(`docker stats printed ${usage.trim()}`);
  return Number(value) * scale;
}
