import { setTimeout as sleep } from "node:timers/promises";
import { fargateMemoryMiB } from "../../../components/core/fargate-sizes";
import type { ServiceSpec } from "../../../components/core/service-spec";
import { sender } from "../../load/requests";
import { watchPeak } from "../../measure/measure";
import { endFinding } from "../cause";
import type { Check, Context } from "../context";
import { type Finding, notChecked, ok, problem, warning } from "../finding";
import { sendsOf } from "../request";

const loadSeconds = 5;
const clients = 4;
/** A server that has ended refuses thousands of connections a second. */
const afterNoAnswerMs = 50;

/** The first answers of the request, and the memory that they take. */
export const answers: Check = {
  name: "answers",
  needsServer: true,
  async run(context) {
    const { container } = context.server;
    const atRest = await container.memoryMiB();
    if (context.requests === undefined)
      return [
        notChecked("No request is known. Give one: --path /v1/predict --body '{...}' (--help lists more)."),
        memoryFinding({ atRest }, context.spec),
      ];
    const client = sender();
    const first = await sendsOf(context, client)();
    await client.close();
    if (first.status < 200 || first.status > 299) {
      context.requests = undefined;
      const got = first.status === 0 ? "no answer" : `status ${first.status}`;
      const text = `The request got ${got}; expected 2xx. Nothing more is checked with it.`;
      const found = (await container.isRunning()) ? problem(text) : await endFinding(container, context.spec);
      return [found, memoryFinding({ atRest }, context.spec)];
    }
    const endOfWatch = watchPeak(() => container.memoryMiB());
    const { sent, failed } = await shortLoad(context).finally(endOfWatch);
    const peak = Math.max(atRest, await endOfWatch());
    if (!(await container.isRunning())) {
      context.requests = undefined;
      return [await endFinding(container, context.spec), memoryFinding({ atRest, peak }, context.spec)];
    }
    const text = `The first request is answered with ${first.status} in ${Math.round(first.latencyMs)} ms`;
    return [loadFinding(text, sent, failed), memoryFinding({ atRest, peak }, context.spec)];
  },
};

export function loadFinding(text: string, sent: number, failed: number): Finding {
  if (failed === 0) return ok(`${text}, and ${sent} more in ${loadSeconds} s.`);
  const verdict = failed > sent / 2 ? problem : warning;
  return verdict(`${text}; ${failed} of ${sent} more fail under ${clients} clients.`);
}

async function shortLoad(context: Context & { readonly server: NonNullable<Context["server"]> }) {
  const client = sender();
  const send = sendsOf(context, client);
  const end = performance.now() + loadSeconds * 1000;
  const count = { sent: 0, failed: 0 };
  const lane = async () => {
    while (performance.now() < end) {
      context.progress.show(`Sending requests from ${clients} clients for ${loadSeconds} s`);
      const { status } = await send();
      count.sent += 1;
      if (status < 200 || status > 299) count.failed += 1;
      if (status === 0) await sleep(afterNoAnswerMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, lane));
  } finally {
    await client.close();
  }
  return count;
}

const tightShare = 0.75;
const fullShare = 0.9;

/** A replica over its limit is killed, with the requests that it was answering. */
export function memoryFinding(
  { atRest, peak }: { readonly atRest: number; readonly peak?: number },
  { memoryMiB, cpuUnits }: Pick<ServiceSpec, "memoryMiB" | "cpuUnits">,
): Finding {
  const underLoad = peak === undefined ? "; under load not checked" : `, ${Math.round(peak)} MiB under a short load`;
  const text = `It takes ${Math.round(atRest)} MiB at rest${underLoad}; memory is ${memoryMiB} MiB.`;
  const share = (peak ?? atRest) / memoryMiB;
  if (share < tightShare) return ok(text);
  const next = fargateMemoryMiB[cpuUnits]?.find((one) => one > memoryMiB);
  const verdict = share < fullShare ? warning : problem;
  return next === undefined ? verdict(`${text} Raise cpu and memory.`) : verdict(text, { memory: next });
}
