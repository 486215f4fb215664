import type { ContainerSettings } from "../../components/core/container";
import { presets } from "../../components/core/presets";
import type { ServiceSpec } from "../../components/core/service-spec";
import type { RunningContainer } from "../container/running-container";
import type { RequestTemplate } from "../load/requests";
import type { Docker } from "../start/docker";
import type { Finding } from "./finding";
import type { ImageFacts } from "./image";
import type { Plan } from "./plan";
import type { Progress } from "./progress";
import { startTrial, statusOf, type Trial, type TrialArgs } from "./trial";

/** A server that answers with 200 on some path. */
export interface Server {
  readonly container: RunningContainer;
  readonly port: number;
  readonly path: string;
  readonly url: string;
}

export interface Context {
  readonly docker: Docker;
  readonly image: ImageFacts;
  readonly plan: Plan;
  /** As the settings have it. */
  readonly spec: ServiceSpec;
  readonly progress: Progress;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: no request is known that the server answers. */
  requests?: readonly RequestTemplate[] | undefined;
  /** The first start. */
  readonly trial: Trial;
  /** The port that answers, and each path's answer. */
  readonly answers?: Answers;
  readonly server?: Server;
  /** What the checks so far would set, and have seen work. */
  adopted: Partial<ContainerSettings>;
  /** Starts another container, with what was adopted and with further changes. */
  start(label: string, changes?: Partial<ContainerSettings>): Promise<Trial>;
}

export interface Check {
  readonly name: string;
  /** Runs only if the server answers. */
  readonly needsServer: boolean;
  run(context: Context & { readonly server: Server }): Promise<readonly Finding[]>;
}

export interface Answers {
  readonly port: number;
  readonly url: string;
  /** Path -> status; undefined without an answer. */
  readonly statuses: ReadonlyMap<string, number | undefined>;
}

type Given = Pick<Context, "docker" | "image" | "plan" | "progress" | "headers" | "requests">;

/** Starts the image and finds where it answers. */
export async function contextOf(given: Given): Promise<Context> {
  const { docker, image, plan, progress } = given;
  const spec = plan.specWith();
  const adopted: Partial<ContainerSettings> = {};
  const ports = knownPorts(spec.port, image.exposedPorts);
  const start = (label: string, from: ServiceSpec, more: Pick<TrialArgs, "ports" | "extraSeconds">) =>
    startTrial(docker, { spec: from, image: image.id, label, ...more }, progress);
  const first = await start("Starting", spec, { ports, extraSeconds });
  const other = unpublished(first, ports);
  const again = { ports: [], extraSeconds };
  const trial = other === undefined ? first : await start("Starting again", plan.specWith({ port: other }), again);
  if (trial !== first) await first.container?.remove();
  const answers = await answersOf(trial);
  const path = answers && [...answers.statuses].find(([, status]) => status === 200)?.[0];
  const context: Context = {
    ...given,
    spec,
    trial,
    adopted,
    ...(answers && { answers }),
    ...(answers && path && trial.container && { server: { container: trial.container, path, ...answers } }),
    start: (label, changes) => start(label, plan.specWith({ ...context.adopted, ...changes }), { ports: [] }),
  };
  if (answers && path) context.adopted = { port: answers.port, ...answeringPaths(answers, spec.paths) };
  const startSeconds = startSecondsFor({ ...trial, isAnswering: answers !== undefined }, spec);
  if (startSeconds !== undefined) context.adopted = { ...context.adopted, startSeconds };
  return context;
}

/** A start that takes longer than this beyond its limit is not measured. */
const extraSeconds = 120;
const shortestLimit = 60;

/** Twice what the start took, for a replica that is slower than this machine, if container.startSeconds is less. */
export function startSecondsFor(
  trial: Pick<Trial, "readySeconds" | "waitedSeconds"> & { readonly isAnswering: boolean },
  spec: Pick<ServiceSpec, "startSeconds">,
): number | undefined {
  const isLate = trial.isAnswering && trial.waitedSeconds > spec.startSeconds;
  const seconds = trial.readySeconds ?? (isLate ? trial.waitedSeconds : 0);
  const wanted = Math.max(shortestLimit, Math.ceil((2 * seconds) / 10) * 10);
  return seconds === 0 || wanted <= spec.startSeconds ? undefined : wanted;
}

/** The paths of the spec that answer with 200, and the first other one that does in place of those that do not. */
export function answeringPaths({ statuses }: Pick<Answers, "statuses">, { readiness, liveness }: ServiceSpec["paths"]) {
  const [other] = [...statuses].find(([, status]) => status === 200) ?? [];
  const answering = (path: string) => (statuses.get(path) === 200 ? path : other);
  return { readinessPath: answering(readiness), ...(liveness && { livenessPath: answering(liveness) }) };
}

/** Published at the first start: another port can only be reached by another start. */
const knownPorts = (own: number, exposed: readonly number[]) => [
  ...new Set([own, ...exposed, ...Object.values(presets).map(({ port }) => port)]),
];

/** A port that nobody could guess is published by another start. */
function unpublished({ listeners = [], ended, spec }: Trial, published: readonly number[]): number | undefined {
  const open = listeners.filter(({ isLoopback }) => !isLoopback).map(({ port }) => port);
  return ended || open.some((port) => port === spec.port || published.includes(port)) ? undefined : open[0];
}

/** Asked if the readiness path does not answer with 200, in this order. */
export const knownPaths = [
  ...new Set([
    "/health",
    "/ready",
    ...Object.values(presets).flatMap((preset) => [preset.readinessPath, preset.livenessPath]),
  ]),
  "/healthz",
  "/",
];

async function answersOf({ container, spec, listeners, ended }: Trial): Promise<Answers | undefined> {
  if (container === undefined || ended) return undefined;
  const { readiness, liveness } = spec.paths;
  for (const port of portsToAsk(spec.port, listeners)) {
    const url = await container.urlOf(port);
    if (url === undefined) continue;
    const paths = [...new Set([readiness, ...(liveness ? [liveness] : []), ...knownPaths])];
    const statuses = new Map<string, number | undefined>();
    for (const path of paths) {
      statuses.set(path, await statusOf(url + path));
      if (statuses.get(readiness) === 200 && (liveness === undefined || statuses.has(liveness))) break;
    }
    if ([...statuses.values()].some((status) => status !== undefined)) return { port, url, statuses };
  }
  return undefined;
}

const portsToAsk = (own: number, listeners: Trial["listeners"]) => {
  const open = (listeners ?? []).filter(({ isLoopback }) => !isLoopback).map(({ port }) => port);
  return [...new Set([own, ...open])].filter((port) => listeners === undefined || open.includes(port));
};
