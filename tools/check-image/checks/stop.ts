import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, sender } from "../../load/requests";
import { CommandError } from "../../start/command";
import { endFinding } from "../cause";
import type { Check, Context, Server } from "../context";
import { type Finding, notChecked, ok, problem } from "../finding";
import { procFile } from "../listeners";
import { sendsOf } from "../request";

const clients = 4;
/** The kernel never delivers a signal without a handler to process 1: no need to wait for the end of the time. */
const ignoredAfterSeconds = 5;
const pollMs = 50;

/** Stops a second container while it answers requests. */
export const stop: Check = {
  name: "SIGTERM",
  needsServer: true,
  async run(context) {
    const { container, readySeconds } = await context.start("Starting another one to stop it");
    try {
      if (container === undefined || readySeconds === undefined)
        return [notChecked("A second container did not start.")];
      const server = { ...context.server, container, url: container.url };
      const { spec, image } = context;
      const known = { stopSeconds: spec.drain.stopSeconds, command: spec.command ?? image.command };
      const result = await stopped({ ...context, server });
      return result === "ended before" ? [await endFinding(container, spec)] : stopFindings(result, known);
    } finally {
      await container?.remove();
    }
  },
};

export interface Stopped {
  /** Absent: it was still running at the end of the time. */
  readonly exit?: { readonly seconds: number; readonly code: number };
  readonly waitedSeconds: number;
  readonly sigterm?: Disposition;
  /** Requests that were certainly under way at the signal. Absent: no request is known. */
  readonly underWay?: { readonly answered: number; readonly lost: number; readonly usualMs: number };
}

/** Sends SIGTERM while requests are under way, if one is known. */
async function stopped(context: Context & { readonly server: Server }): Promise<Stopped | "ended before"> {
  const { container } = context.server;
  const sigterm = sigtermIn((await procFile(container, "status")) ?? "");
  const traffic = context.requests && steadyTraffic(context);
  try {
    while (traffic && traffic.sent.length < 2 * clients && (await container.isRunning())) await sleep(pollMs);
    const signal = await sendSigterm(context);
    if (signal === undefined) return "ended before";
    const ended = traffic?.end();
    const end = await untilEnd(context, sigterm, signal.beforeMs);
    await ended;
    return {
      ...end,
      ...(sigterm && { sigterm }),
      ...(traffic && { underWay: underWayOf(traffic.sent, signal.beforeMs, signal.afterMs) }),
    };
  } finally {
    await traffic?.end();
  }
}

/** Undefined if the container was not running any more. */
async function sendSigterm({ docker, server: { container } }: Context & { readonly server: Server }) {
  const beforeMs = performance.now();
  try {
    await docker.run(["kill", "--signal=TERM", container.id], { limitSeconds: 20 });
    return { beforeMs, afterMs: performance.now() };
  } catch (error) {
    if (error instanceof CommandError && !(await container.isRunning())) return undefined;
    throw error;
  }
}

async function untilEnd(
  { server: { container }, spec, docker, progress }: Context & { readonly server: Server },
  sigterm: Disposition | undefined,
  beforeMs: number,
): Promise<Pick<Stopped, "exit" | "waitedSeconds">> {
  const seconds = () => (performance.now() - beforeMs) / 1000;
  const goesOn = sigterm === "ignores" || sigterm === "default";
  const limit = goesOn ? Math.min(ignoredAfterSeconds, spec.drain.stopSeconds) : spec.drain.stopSeconds;
  while ((await container.isRunning()) && seconds() < limit) {
    progress.show(`Stopping: ${Math.round(seconds())} of at most ${limit} s`);
    await sleep(pollMs);
  }
  const waitedSeconds = seconds();
  if (!(await container.isRunning()))
    return { waitedSeconds, exit: { seconds: waitedSeconds, code: Number(await container.state("ExitCode")) } };
  // Without this a request to a server that ignores SIGTERM would be answered, though the platform kills it.
  await docker.run(["kill", container.id], { limitSeconds: 20 });
  return { waitedSeconds };
}

interface Sent extends Answer {
  readonly sentMs: number;
}

/** Clients that send one request after the other until `end`. */
function steadyTraffic(context: Context & { readonly server: Server }) {
  const client = sender();
  const send = sendsOf(context, client);
  const sent: Sent[] = [];
  let goesOn = true;
  const lane = async () => {
    while (goesOn) {
      const sentMs = performance.now();
      sent.push({ sentMs, ...(await send()) });
      if (sent.at(-1)?.status === 0) await sleep(pollMs);
    }
  };
  const lanes = Promise.all(Array.from({ length: clients }, lane));
  let end: Promise<void> | undefined;
  return {
    sent: sent as readonly Sent[],
    end() {
      goesOn = false;
      end ??= lanes.then(() => client.close());
      return end;
    },
  };
}

/**
 * Requests that were sent before the signal was. An answer counts only if it came when the signal had arrived for certain; a request that
 * failed meanwhile was under way in any case.
 */
export function underWayOf(sent: readonly Sent[], beforeMs: number, afterMs: number): Stopped["underWay"] {
  const endMs = ({ sentMs, latencyMs }: Sent) => sentMs + latencyMs;
  const isAnswered = ({ status }: Answer) => status >= 200 && status < 500;
  const open = sent.filter((one) => one.sentMs < beforeMs && endMs(one) > beforeMs);
  const usual = sent.filter((one) => endMs(one) < beforeMs).map(({ latencyMs }) => latencyMs);
  return {
    answered: open.filter((one) => isAnswered(one) && endMs(one) > afterMs).length,
    lost: open.filter((one) => !isAnswered(one)).length,
    usualMs: usual.sort((a, b) => a - b)[Math.floor(usual.length / 2)] ?? 0,
  };
}

/** What process 1 does with SIGTERM. */
type Disposition = "handles" | "ignores" | "default";

/** SIGTERM is signal 15, so bit 14 of the masks in proc(5). Undefined if they say nothing: an init in the image blocks the signal and waits for it. */
export function sigtermIn(status: string): Disposition | undefined {
  const has = (mask: string) => {
    const [, hex] = new RegExp(`^${mask}:\\s+([0-9a-f]+)`, "m").exec(status) ?? [];
    return hex === undefined ? undefined : (BigInt(`0x${hex}`) >> 14n) % 2n === 1n;
  };
  const isHandled = has("SigCgt");
  if (isHandled === undefined || has("SigBlk")) return undefined;
  if (isHandled) return "handles";
  return has("SigIgn") ? "ignores" : "default";
}

export function stopFindings(
  { exit, waitedSeconds, sigterm, underWay }: Stopped,
  { stopSeconds, command }: { readonly stopSeconds: number; readonly command: readonly string[] },
): Finding[] {
  if (exit === undefined) {
    const text = killed(sigterm, Math.round(waitedSeconds), `container.stopSeconds, ${stopSeconds} s`);
    return [problem(`${text} ${handlerAdvice(command)}`, directCommand(command))];
  }
  const left = `It exits ${exit.seconds.toFixed(1)} s after SIGTERM with code ${exit.code}; it has ${stopSeconds} s.`;
  return [ok(left), requestsFinding(underWay)];
}

/** ECS runs an init process as process 1, which passes the signal on; Kubernetes runs the server itself as process 1. */
function killed(sigterm: Stopped["sigterm"], waitedSeconds: number, limit: string): string {
  if (sigterm === "default")
    return `Process 1 has no handler for SIGTERM, so what it is answering is lost: ECS ends it at once, and EKS kills it after ${limit}.`;
  const lost = "and with it what it is answering";
  if (sigterm === "ignores") return `Process 1 ignores SIGTERM: ECS and EKS kill it after ${limit}, ${lost}.`;
  // Node's own handler sends the signal again, with its default action: that ends any process but process 1.
  return `It still runs ${waitedSeconds} s after SIGTERM: EKS kills it after ${limit}, ${lost}. So does ECS, unless it ends there because it is not process 1.`;
}

function requestsFinding(underWay: Stopped["underWay"]): Finding {
  if (underWay === undefined)
    return notChecked("Whether it answers requests under way: no request that it answers is known (--path).");
  const { answered, lost, usualMs } = underWay;
  if (lost > 0)
    return problem(
      `${lost} of ${answered + lost} requests under way at SIGTERM got no answer. Finish them before the exit.`,
    );
  if (answered === 0)
    return notChecked(
      `Whether it answers requests under way: they take ${Math.round(usualMs)} ms, too short to catch one.`,
    );
  return ok(`All ${answered} requests that were under way at SIGTERM are answered.`);
}

const isShell = ([program = "", flag]: readonly string[]) => /(^|\/)(ba|da)?sh$/.test(program) && flag === "-c";

const handlerAdvice = (command: readonly string[]) =>
  isShell(command)
    ? "Its shell passes no signal on: start the server with exec, or name it in container.command."
    : "Handle SIGTERM in the server.";

/** What the shell runs, if that is one simple command. */
function directCommand(command: readonly string[]): Record<string, readonly string[]> | undefined {
  const [, , script = "", ...rest] = command;
  if (!isShell(command) || rest.length > 0 || !/^[\w./:=@ -]+$/.test(script) || script.includes("=")) return undefined;
  return { "container.command": script.trim().split(/\s+/) };
}
