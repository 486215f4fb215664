import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Listener, parseListeners } from "../core/listeners";
import { reasonOf } from "../core/reason";

/** Runs a command of the Docker CLI and resolves with what it printed, standard error last. */
export type DockerCli = (args: readonly string[]) => Promise<string>;

const run = promisify(execFile);
const limitMs = 30_000;

/** For the engine of the provider: its own configuration wins over DOCKER_HOST. */
export const dockerCli =
  (host?: string): DockerCli =>
  async (args) => {
    const env = host === undefined ? process.env : { ...process.env, DOCKER_HOST: host };
    try {
      const { stdout, stderr } = await run("docker", args, { timeout: limitMs, env });
      return stdout + stderr;
    } catch (error) {
      const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
      if (code === "ENOENT") throw new Error("there is no docker command on PATH");
      throw new Error(stderr.trim().split("\n").at(-1) || reasonOf(error));
    }
  };

/** As `docker inspect` has it. */
export interface ContainerState {
  readonly Status: string;
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  /** Why Docker could not start it. */
  readonly Error: string;
  readonly StartedAt: string;
}

export async function stateOf(docker: DockerCli, id: string): Promise<ContainerState> {
  return JSON.parse(await docker(["inspect", "--format", "{{json .State}}", id])) as ContainerState;
}

/** Undefined without `cat` in the image. */
export async function listenersOf(docker: DockerCli, id: string): Promise<Listener[] | undefined> {
  const read = (table: string) => docker(["exec", id, "cat", `/proc/net/${table}`]).catch(() => undefined);
  const tables = await Promise.all([read("tcp"), read("tcp6")]);
  return tables[0] === undefined ? undefined : parseListeners(tables.join("\n"));
}

/** The last lines of its log, both streams in the order of their times. */
export async function lastLines(docker: DockerCli, id: string, count: number): Promise<string[]> {
  const log = await docker(["logs", "--timestamps", "--tail", String(count), id]);
  return log
    .split("\n")
    .filter((line) => line !== "")
    .sort()
    .map((line) => line.replace(/^\S+ /, "").trimEnd());
}
