import { setTimeout as sleep } from "node:timers/promises";

/** After this long without a request the load balancer has stopped sending. */
const quietSeconds = 5;

export interface Linger {
  readonly leastSeconds: number;
  readonly mostSeconds: number;
}

/**
 * A platform may stop a replica while the load balancer still sends to it: Fargate Spot sends SIGTERM to tasks that are still registered
 * (aws/containers-roadmap#2673). Resolves once no request has arrived for a while, between the least and the most seconds.
 */
export async function untilQuiet(
  { leastSeconds, mostSeconds }: Linger,
  lastArrivalAt: () => number,
  now = () => performance.now() / 1000,
  wait: (seconds: number) => Promise<unknown> = (seconds) => sleep(seconds * 1000),
): Promise<void> {
  if (leastSeconds === 0) return;
  const since = now();
  const isOver = () => now() - since >= leastSeconds && now() - lastArrivalAt() >= quietSeconds;
  while (!isOver() && now() - since < mostSeconds) await wait(0.25);
}
