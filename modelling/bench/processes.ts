import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Ticks of CPU that Linux counts, 100 a second. */
interface Ticks {
  busy: number;
  ours: number;
  atMs: number;
}

/** Share of the CPU time that other processes used: 0 is undisturbed. */
export async function withForeignShare<T>(work: () => Promise<T>): Promise<{ result: T; foreignShare: number }> {
  const before = count();
  const result = await work();
  const after = count();
  const available = ((after.atMs - before.atMs) / 10) * availableParallelism();
  const foreign = after.busy - before.busy - (after.ours - before.ours);
  return { result, foreignShare: Math.max(0, foreign / available) };
}

function count(): Ticks {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] =
    readFileSync("/proc/stat", "utf8").split("\n", 1)[0]?.split(/\s+/).map(Number) ?? [];
  const ours = ticksOfFamily(process.pid);
  return { busy: user + nice + system + irq + softIrq + steal, ours, atMs: performance.now() };
}

/** CPU time that a process and its descendants have used so far. */
export const cpuMs = (root: number) => ticksOfFamily(root) * 10;

const ticksOfFamily = (root: number) => familyOf(root).reduce((sum, id) => sum + ticksOf(id), 0);

function ticksOf(id: number): number {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** A process and all that descend from it. */
export function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended in the meantime.
    }
  }
  const family = [root];
  for (const member of family) for (const [id, parent] of parents) if (parent === member) family.push(id);
  return family;
}
