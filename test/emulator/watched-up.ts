import assert from "node:assert/strict";
import type { Result } from "../support/engine/runner";
import type { Scene } from "./suite";
import { TrafficSight } from "./traffic-sight";
import { TrafficWatch, type Watched } from "./traffic-watch";

/** Two cores that others use as well leave the watch a part of its time; one that stood still would have made next to no look. */
const leastShareOfLooks = 0.1;

export type WatchedResult = Result & { readonly watched: Watched };

/** An update under watch: whatever comes of it, callers always find somebody to answer. */
export async function watchedUp({ lab, aws, kube }: Scene, ...args: string[]): Promise<WatchedResult> {
  const watch = new TrafficWatch(new TrafficSight(aws.client, kube));
  const ran = await lab.up(...args).then(
    (result) => ({ result }),
    (error: Error) => ({ error }),
  );
  const watched = await watch.stop();
  if ("error" in ran) throw ran.error;
  const { result } = ran;
  assert.deepEqual(watched.faults, []);
  assert.ok(watched.seen > 1, `the public rule was seen ${watched.seen} times, too few to judge`);
  const percent = Math.round(watched.shareOfLooks * 100);
  assert.ok(watched.shareOfLooks >= leastShareOfLooks, `the watch made ${percent} % of its looks, too few to judge`);
  return { ...result, watched };
}

export const succeeds = ({ code, output }: Result): void => assert.equal(code, 0, output);

/** What `pulumi up` exits with when a deployment failed. */
export const failed = 1;
