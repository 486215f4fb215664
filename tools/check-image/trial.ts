import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Listener } from "../../components/core/listeners";
import type { ServiceSpec } from "../../components/core/service-spec";
import { RunningContainer } from "../container/running-container";
import { CommandError } from "../start/command";
import type { Docker } from "../start/docker";
import { credentialArguments } from "../start/replica";
import { lastLogLine } from "../start/service";
import { listenersOf } from "./listeners";
import type { Progress } from "./progress";

/** One start of the image, and how it went. */
export interface Trial {
  readonly spec: ServiceSpec;
  /** Absent: Docker could not start it at all. */
  readonly container?: RunningContainer;
  /** Docker's reason for not starting it. */
  readonly refusal?: string;
  /** From docker run to the first 200 of the readiness path. Absent: that never came. */
  readonly readySeconds?: number;
  /** The last answer of the readiness path; absent without an answer. */
  readonly status?: number;
  readonly waitedSeconds: number;
  /** Undefined: could not be read. */
  readonly listeners?: readonly Listener[];
  readonly ended?: { readonly exitCode: number; readonly outOfMemory: boolean };
  readonly log: string;
}

export interface TrialArgs {
  readonly spec: ServiceSpec;
  readonly image: string;
  /** Published besides the port of the spec. */
  readonly ports: readonly number[];
  readonly label: string;
  /** Beyond container.startSeconds, to measure how long a slow start takes. */
  readonly extraSeconds?: number;
}

/** A wrong answer or a wrong port for so long is final: a server that is still starting does not listen yet, or answers 503. */
const settledSeconds = 4;
const pollMs = 150;
const answerLimitMs = 5000;
const listenersEveryMs = 1500;

export async function startTrial(docker: Docker, args: TrialArgs, progress: Progress): Promise<Trial> {
  const { spec, image, ports } = args;
  const startMs = performance.now();
  const publish = ports.filter((port) => port !== spec.port).map((port) => `--publish=127.0.0.1::${port}`);
  const extra = [...publish, lowPortsAreRoots, ...credentialArguments(), ...secretArguments(spec)];
  try {
    const container = await RunningContainer.launch(docker, { spec, image, extra });
    const outcome = await untilSettled(container, args, startMs, progress);
    const waitedSeconds = (performance.now() - startMs) / 1000;
    return { spec, container, ...outcome, waitedSeconds, log: await container.log().catch(() => "") };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { spec, refusal: refusalOf(error), waitedSeconds: 0, log: "" };
  }
}

/**
 * Docker opens low ports to every user. ECS and containerd on a node do not
 * (https://github.com/aws/containers-roadmap/issues/1721, https://github.com/containerd/containerd/issues/2516).
 */
const lowPortsAreRoots = "--sysctl=net.ipv4.ip_unprivileged_port_start=1024";

/** The values are not printed: docker takes them from this shell. */
const secretArguments = ({ secrets }: ServiceSpec) =>
  Object.keys(secrets)
    .filter((name) => process.env[name] !== undefined)
    .map((name) => `--env=${name}`);

const refusalOf = ({ stderr, reason }: CommandError) => {
  const lines = stderr.trim().split("\n");
  return lines.find((line) => /error/i.test(line)) ?? reason;
};

type Outcome = Pick<Trial, "readySeconds" | "status" | "listeners" | "ended">;

async function untilSettled(
  container: RunningContainer,
  { spec, label, extraSeconds = 0 }: TrialArgs,
  startMs: number,
  progress: Progress,
): Promise<Outcome> {
  let listeners: readonly Listener[] | undefined;
  let wrongSinceMs: number | undefined;
  let listedMs = 0;
  const limitSeconds = spec.startSeconds + extraSeconds;
  for (;;) {
    const nowMs = performance.now();
    // First: a container that has ended publishes no port, and so has no URL. Docker closes its port before it reports the end.
    const ended = await endOf(container);
    if (ended) return { ended, listeners };
    const status = container.url === "" ? undefined : await statusOf(container.url + spec.paths.readiness);
    if (status === 200) {
      const readySeconds = (performance.now() - startMs) / 1000;
      return { readySeconds, status, listeners: await listenersOf(container) };
    }
    if (nowMs - listedMs > listenersEveryMs) {
      listeners = await listenersOf(container);
      listedMs = nowMs;
      const last = lastLogLine(await container.log().catch(() => ""));
      const seconds = Math.round((nowMs - startMs) / 1000);
      const late = seconds > spec.startSeconds ? `, past container.startSeconds ${spec.startSeconds}` : "";
      progress.show(`${label}: ${seconds} of at most ${limitSeconds} s${late}; log: ${last}`);
    }
    const isWrong = isWrongAnswer(status) || !reaches(listeners, spec.port);
    wrongSinceMs = isWrong ? (wrongSinceMs ?? nowMs) : undefined;
    const isSettled = wrongSinceMs !== undefined && nowMs - wrongSinceMs > settledSeconds * 1000;
    if (isSettled || nowMs - startMs > limitSeconds * 1000) return { status, listeners };
    await sleep(pollMs);
  }
}

/** A server answers 5xx while it loads. */
export const isWrongAnswer = (status: number | undefined) => status !== undefined && status < 500;

/** Whether the port is, or may still become, reachable: a server that listens nowhere is still starting. */
const reaches = (listeners: readonly Listener[] | undefined, port: number) =>
  listeners === undefined || listeners.length === 0 || listeners.some((one) => one.port === port && !one.isLoopback);

/** Redirects are not followed: the load balancer counts them as a failure. */
export function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = get(url, { agent: false, timeout: answerLimitMs }, (response) => {
      response.resume().on("close", () => resolve(response.statusCode));
    });
    sent.on("timeout", () => sent.destroy()).on("error", () => resolve(undefined));
  });
}

export async function endOf(container: RunningContainer): Promise<Trial["ended"]> {
  if (await container.isRunning()) return undefined;
  const [exitCode, outOfMemory] = await Promise.all([container.state("ExitCode"), container.state("OOMKilled")]);
  return { exitCode: Number(exitCode), outOfMemory: outOfMemory === "true" };
}
