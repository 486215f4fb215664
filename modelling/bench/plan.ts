import { kinds } from "./large-photos";

export interface Plan {
  rounds: number;
  sliceMs: number;
  clients: number[];
  /** Arrivals as multiples of what the server answers at 16 clients. */
  overloads: number[];
  /** The same for the servers to compare with, which take half a minute to recover. */
  overloadsOfOthers: number[];
  starts: number;
  /** After it no round follows that only replaces a disturbed one. */
  limitMs: number;
}

export const fullPlan: Plan = {
  ...{ rounds: 5, sliceMs: 5000, clients: [1, 4, 16, 64], overloads: [2, 4, 6], overloadsOfOthers: [4], starts: 5 },
  limitMs: 35 * 60_000,
};
/** Long enough to see what a change did, too short to quote. */
export const quickPlan: Plan = {
  ...{ rounds: 2, sliceMs: 3000, clients: [1, 16], overloads: [4], overloadsOfOthers: [4], starts: 1 },
  limitMs: 5 * 60_000,
};

const startMs = 2500;
const recoveryMs = 30_000;
const limitsMs = 6000;

/** How long a run takes that nothing disturbs. */
export function minutesOf(plan: Plan, servers: { ours: number; others: number }): number {
  const { rounds, sliceMs, clients, overloads, overloadsOfOthers, starts } = plan;
  const all = servers.ours + servers.others;
  const perServer = starts * startMs + rounds * (clients.length * sliceMs + sliceMs / 2);
  const largePhotos = servers.ours * kinds.length * 2 * sliceMs;
  const overloaded =
    servers.ours * overloads.length * 2 * sliceMs +
    servers.others * overloadsOfOthers.length * (2 * sliceMs + recoveryMs + startMs);
  return Math.ceil((all * perServer + overloaded + largePhotos + rounds * limitsMs) / 60_000);
}
