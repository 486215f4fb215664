import assert from "node:assert/strict";
import type { Result } from "../../engine/support/runner";
import type { Scene } from "./suite";
import { TrafficProbe } from "./traffic-probe";
import { looksAimedFor, TrafficWatch, type Watched } from "./traffic-watch";

/** Two cores that others use as well leave the watch a part of its time; one that stood still would have made next to no look. */
const leastShareOfLooks = 0.1;

const shares: number[] = [];

export type WatchedResult = Result & { readonly watched: Watched };

/** An update under watch: whatever comes of it, callers always find somebody to answer. */
export async function watchedUp({ sandbox, aws, kube }: Scene, ...args: string[]): Promise<WatchedResult> {
  const watch = new TrafficWatch(new TrafficProbe(aws.client, kube));
  const [ran] = await Promise.allSettled([sandbox.up(...args)]);
  const watched = await watch.stop().catch((error: Error) => {
    throw new Error(`${error.message}; up: ${ran.status === "fulfilled" ? ran.value.output : ran.reason}`);
  });
  if (ran.status === "rejected") throw ran.reason;
  shares.push(watched.shareOfLooks);
  assert.deepEqual(watched.faults, []);
  const { code, output } = ran.value;
  assert.ok(
    watched.seen > 1,
    `the public rule was seen ${watched.seen} times, too few to judge; up exited with ${code}:\n${output}`,
  );
  const percent = Math.round(watched.shareOfLooks * 100);
  assert.ok(watched.shareOfLooks >= leastShareOfLooks, `the watch made ${percent} % of its looks, too few to judge`);
  return { ...ran.value, watched };
}

/** How often the updates of this process were looked at, from the worst to the best; nothing when there were none. */
export function looksASecond(): string | undefined {
  const rates = shares.splice(0).map((share) => (share * looksAimedFor).toFixed(1));
  const [worst, ...others] = rates.sort((a, b) => Number(a) - Number(b));
  return worst && `${[worst, others.at(-1)].filter(Boolean).join(" to ")} looks a second`;
}

/** What `pulumi up` exits with when a deployment failed. */
export const failed = 1;
