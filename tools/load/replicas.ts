import { setTimeout as sleep } from "node:timers/promises";
import type { Replica } from "./recording";

export interface TargetSeen {
  readonly id: string;
  readonly healthy: boolean;
}

/** What the load balancer says of a group, and ECS of the tasks behind one. */
export interface ReplicaReader {
  targets(targetGroupArn: string): Promise<readonly TargetSeen[]>;
  /** Address -> when ECS made the task, in ms since 1970; empty where ECS runs nothing. */
  tasksMadeAt(variant: string): Promise<ReadonlyMap<string, number>>;
}

const lookEveryMs = 2_000;

/** Looks at a variant's replicas until the load is over. It never fails the load: what could not be seen is told as such. */
export class ReplicaWatch {
  private readonly startedAtMs = Date.now();
  private readonly seen = new Map<string, { registeredAt?: number; healthyAt?: number }>();
  private readonly over = new AbortController();
  private readonly looking: Promise<void>;
  private failure: unknown;

  constructor(
    private readonly variant: string,
    private readonly targetGroupArn: string,
    private readonly reader: ReplicaReader,
    private readonly everyMs = lookEveryMs,
  ) {
    this.looking = this.look().catch((error: unknown) => {
      this.failure = error;
    });
  }

  async end(): Promise<Replica[]> {
    this.over.abort();
    await this.looking;
    if (this.failure !== undefined) throw this.failure;
    const made = await this.reader.tasksMadeAt(this.variant);
    return [...this.seen].map(([id, times]) => {
      const madeAt = made.get(id);
      const isNew = times.registeredAt !== undefined && madeAt !== undefined;
      return { id, ...times, ...(isNew && { madeAt: (madeAt - this.startedAtMs) / 1000 }) };
    });
  }

  private async look(): Promise<void> {
    for (let first = true; !this.over.signal.aborted; first = false) {
      const targets = await this.reader.targets(this.targetGroupArn);
      const now = first ? undefined : (Date.now() - this.startedAtMs) / 1000;
      for (const { id, healthy } of targets) this.note(id, healthy, now);
      await sleep(this.everyMs, undefined, { signal: this.over.signal }).catch(() => {});
    }
  }

  private note(id: string, healthy: boolean, now: number | undefined): void {
    const known = this.seen.get(id) ?? { registeredAt: now };
    if (healthy && known.registeredAt !== undefined) known.healthyAt ??= now;
    this.seen.set(id, known);
  }
}
