import assert from "node:assert/strict";
import type { Result } from "../../engine/support/runner";
import type { Scene } from "./suite";
import { TrafficProbe } from "./traffic-probe";
import { type TrafficRecord, TrafficWatch, targetPollsPerSecond } from "./traffic-watch";

/** On two busy cores the watch makes only part of its polls; one that hung would make almost none. */
const leastShareOfPolls = 0.1;

const shares: number[] = [];

export type WatchedUpdate = Result & { readonly watched: TrafficRecord };

/** Runs `pulumi up` and fails if a caller would have had no answer at any moment, whatever the result of the update. */
export const watchedUp = (scene: Scene, ...args: string[]): Promise<WatchedUpdate> =>
  watched(scene, () => scene.sandbox.up(...args));

/** The same for any command that updates the stack. */
export async function watched({ aws, kube }: Scene, run: () => Promise<Result>): Promise<WatchedUpdate> {
  const watch = new TrafficWatch(new TrafficProbe(aws.client, kube));
  const [ran] = await Promise.allSettled([run()]);
  const record = await watch.stop().catch((error: Error) => {
    throw new Error(`${error.message}; the command: ${ran.status === "fulfilled" ? ran.value.output : ran.reason}`);
  });
  if (ran.status === "rejected") throw ran.reason;
  shares.push(record.shareOfPolls);
  assert.deepEqual(record.faults, []);
  const { code, output } = ran.value;
  assert.ok(
    record.polls > 1,
    `${record.polls} polls found a public rule, too few to judge; the command exited with ${code}:\n${output}`,
  );
  const percent = Math.round(record.shareOfPolls * 100);
  assert.ok(record.shareOfPolls >= leastShareOfPolls, `the watch made ${percent} % of its polls, too few to judge`);
  return { ...ran.value, watched: record };
}

/** Slowest and fastest polling rate of this process's updates, as one line; undefined when there were none. */
export function pollingRates(): string | undefined {
  const rates = shares.splice(0).map((share) => (share * targetPollsPerSecond).toFixed(1));
  const [slowest, ...others] = rates.sort((a, b) => Number(a) - Number(b));
  return slowest && `${[slowest, others.at(-1)].filter(Boolean).join(" to ")} polls per second`;
}

/** Exit code of `pulumi up` when a deployment failed. */
export const failed = 1;
