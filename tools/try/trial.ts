import { setTimeout as sleep } from "node:timers/promises";

export interface TaskState {
  /** PROVISIONING, PENDING, RUNNING, ... STOPPED */
  readonly status: string;
  readonly health: "HEALTHY" | "UNHEALTHY" | "UNKNOWN";
  /** Why it stopped, once it has. */
  readonly stopReason?: string;
}

/** One task that does not belong to the service. */
export interface Runner {
  /** True when the task definition has a container health check. */
  readonly isProbed: boolean;
  start(): Promise<string>;
  look(taskArn: string): Promise<TaskState>;
  stop(taskArn: string): Promise<void>;
}

export type Outcome = "works" | "does not work" | "runs, not checked";

export interface Verdict {
  readonly outcome: Outcome;
  readonly why: string;
  /** Of the task that was started. */
  readonly taskArn: string;
}

export interface Patience {
  readonly tell: (text: string) => void;
  /** Ends the trial early; the task is stopped all the same. */
  readonly signal: AbortSignal;
  readonly limitSeconds?: number;
  readonly pollSeconds?: number;
  /** A task without a health check is stopped when it has run this long. */
  readonly unprobedSeconds?: number;
  readonly wait?: (seconds: number) => Promise<unknown>;
  readonly now?: () => number;
}

/** Starts one task, waits for the verdict, and stops the task in every case. */
export async function tryOneTask(runner: Runner, patience: Patience): Promise<Verdict> {
  const { tell } = patience;
  const taskArn = await runner.start();
  tell(`started ${taskArn.split("/").pop()}`);
  try {
    return { ...(await judge(runner, taskArn, patience)), taskArn };
  } finally {
    await runner.stop(taskArn);
    tell("stopped it");
  }
}

const failed = (why: string) => ({ outcome: "does not work", why }) as const;

/** The load balancer asks the readiness path, but it does not know the task. Only the VPC reaches the task's address. */
const unasked = "container.healthCommand is not set, so nothing asked whether it is ready";

async function judge(runner: Runner, taskArn: string, patience: Patience): Promise<Omit<Verdict, "taskArn">> {
  const { tell, signal, limitSeconds = 600, pollSeconds = 3, unprobedSeconds = 30 } = patience;
  const { wait = (seconds) => sleep(seconds * 1000, undefined, { signal }), now = () => Date.now() / 1000 } = patience;
  const start = now();
  let told = "";
  let runningSince: number | undefined;
  for (;;) {
    if (signal.aborted) return failed("interrupted before the verdict");
    const { status, health, stopReason } = await runner.look(taskArn);
    if (stopReason !== undefined) return failed(`it stopped: ${stopReason}`);
    if (health === "HEALTHY") return { outcome: "works", why: "its health check passes" };
    if (health === "UNHEALTHY") return failed("it runs, but its health check fails");
    if (status === "RUNNING") runningSince ??= now();
    if (!runner.isProbed && runningSince !== undefined && now() - runningSince >= unprobedSeconds) {
      return { outcome: "runs, not checked", why: `it has run for ${unprobedSeconds} s; ${unasked}` };
    }
    const elapsed = Math.round(now() - start);
    if (elapsed >= limitSeconds) return failed(`after ${elapsed} s it is still ${status}, ${health}`);
    const progress = runner.isProbed && status === "RUNNING" ? "RUNNING, waiting for its health check" : status;
    if (progress !== told) tell(`${elapsed} s: ${progress}`);
    told = progress;
    // An abort ends the wait; the next round returns the verdict.
    await wait(pollSeconds).catch(() => undefined);
  }
}
