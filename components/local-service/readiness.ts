import type { RunError } from "@pulumi/pulumi";
import { describeListeners } from "../core/listeners";
import { deploymentError } from "../core/problems";
import { askReadiness } from "../core/readiness";
import type { ServiceSpec } from "../core/service-spec";
import { type Polling, type PollResult, pollUntilDone } from "../core/wait-until";
import { diagnose } from "./diagnosis";
import { type ContainerState, type DockerCli, listenersOf, stateOf } from "./docker-cli";

export interface StartedContainer {
  readonly id: string;
  readonly variant: string;
  readonly url: string;
  readonly spec: Pick<ServiceSpec, "port" | "paths" | "startSeconds" | "memoryMiB">;
}

/** Resolves once the readiness path answers with 200; rejects with the container's state and its last log lines. */
export async function untilReady(container: StartedContainer, docker: DockerCli, polling: Polling): Promise<void> {
  const { id, variant, url, spec } = container;
  await startAgain(container, docker, polling);
  const address = `${url}${spec.paths.readiness}`;
  const poll = async (): Promise<PollResult> => {
    const answer = await askReadiness(address);
    if (answer === undefined) return { done: true };
    const state = await knownState(docker, id);
    if (state?.Running === false) throw await explain(`${variant} ended before ${address} answered`, container, docker);
    const found = (state && (await listenersOf(docker, id))) ?? [];
    const elsewhere = found.length > 0 ? describeListeners(found, spec.port) : undefined;
    return { done: false, progress: `GET ${address} ${answer}${elsewhere ? `; the container ${elsewhere}` : ""}` };
  };
  const limits = { pollSeconds: 1, limitSeconds: spec.startSeconds, ...polling };
  await pollUntilDone(variant, poll, limits, (summary) => explain(summary, container, docker));
}

/** Without the docker command only the address can be asked. */
const knownState = (docker: DockerCli, id: string): Promise<ContainerState | undefined> =>
  stateOf(docker, id).catch(() => undefined);

/** Docker leaves a container that ended, and the provider starts one only after a refresh. */
async function startAgain({ id, variant }: StartedContainer, docker: DockerCli, { report }: Polling): Promise<void> {
  const state = await knownState(docker, id);
  if (state?.Running !== false || Date.parse(state.StartedAt) > performance.timeOrigin) return;
  await report(`${variant}: starting container ${id.slice(0, 12)} again, which had ended`);
  // What keeps it from starting is in its state, which is asked next.
  await docker(["start", id]).catch(() => {});
}

async function explain(summary: string, { id, spec }: StartedContainer, docker: DockerCli): Promise<RunError> {
  const lines = await diagnose(docker, id, spec);
  const hint = "Fix the cause and run `pulumi up`, which starts the container again.";
  return deploymentError([summary, ...lines.map((line) => `  ${line}`), hint].join("\n"));
}
