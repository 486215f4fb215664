import { describeListeners, type SettingNames } from "../core/listeners";
import { reasonOf } from "../core/reason";
import type { ServiceSpec } from "../core/service-spec";
import { type ContainerState, type DockerCli, lastLines, listenersOf, stateOf } from "./docker-cli";

type Limits = Pick<ServiceSpec, "port" | "memoryMiB">;

/** After a kill by the kernel the log has no reason. */
const killed = 128 + 9;

export function describeState(state: ContainerState, { memoryMiB }: Pick<Limits, "memoryMiB">): string {
  const { Status, Running, ExitCode, OOMKilled, Error: refusal } = state;
  if (Running) return "running";
  if (OOMKilled) return `exited with code ${ExitCode}: the kernel killed it, because ${memoryMiB} MiB were not enough`;
  if (refusal !== "") return `not started: ${refusal}`;
  return Status === "exited" ? `exited with code ${ExitCode}${ExitCode === killed ? " (SIGKILL)" : ""}` : Status;
}

/** As `docker ps` shows an id; a name stays whole. */
const shortId = (id: string) => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

/** What Docker knows of a container that is not ready, a fact a line. */
export async function diagnose(docker: DockerCli, id: string, limits: Limits, names?: SettingNames): Promise<string[]> {
  try {
    const state = await stateOf(docker, id);
    const listeners = state.Running ? await listenersOf(docker, id) : undefined;
    const found = listeners && describeListeners(listeners, limits.port, names);
    const log = await lastLines(docker, id, 8);
    return [
      `container ${shortId(id)}: ${describeState(state, limits)}`,
      ...(found === undefined ? [] : [`it ${found}`]),
      ...(log.length === 0 ? ["its log is empty"] : log.map((line) => `log: ${line}`)),
    ];
  } catch (error) {
    return [`its state and its log are not known: ${reasonOf(error)}`];
  }
}
