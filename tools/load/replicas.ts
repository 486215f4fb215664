import { setTimeout as sleep } from "node:timers/promises";
import type { Replica } from "./recording";

export interface TargetSeen {
  readonly id: string;
  readonly healthy: boolean;
}

/** Reads target groups from the load balancer and tasks from ECS. */
export interface ReplicaReader {
  targets(targetGroupArn: string): Promise<readonly TargetSeen[]>;
  /** By address; empty when the variant does not run on ECS. */
  tasks(variant: string): Promise<ReadonlyMap<string, Task>>;
}

export interface Task {
  readonly id: string;
  /** When ECS created it, in ms since 1970. */
  readonly madeAtMs: number;
}

const lookEveryMs = 2_000;

type Seen = Pick<Replica, "registeredAt" | "healthyAt" | "goneAt" | "healthy">;

/** Polls a variant's replicas until the load ends. A failed poll does not fail the load; end() rejects when every poll failed. */
export class ReplicaWatch {
  private readonly startedAtMs = Date.now();
  private readonly seen = new Map<string, Seen>();
  private readonly over = new AbortController();
  private readonly looking: Promise<void>;
  private looks = 0;
  private failure: unknown;

  constructor(
    private readonly variant: string,
    private readonly targetGroupArn: string,
    private readonly reader: ReplicaReader,
    private readonly everyMs = lookEveryMs,
  ) {
    this.looking = this.look();
  }

  async end(): Promise<Replica[]> {
    this.over.abort();
    await this.looking;
    if (this.looks === 0) throw this.failure;
    // Task ids and creation times are optional.
    const tasks = await this.reader.tasks(this.variant).catch(() => new Map<string, Task>());
    return [...this.seen].map(([id, seen]) => {
      const task = tasks.get(id);
      if (task === undefined) return { id, ...seen };
      const isNew = seen.registeredAt !== undefined;
      return { id, ...seen, task: task.id, ...(isNew && { madeAt: (task.madeAtMs - this.startedAtMs) / 1000 }) };
    });
  }

  /** Goes on after a failed poll, for example a throttled one. */
  private async look(): Promise<void> {
    while (!this.over.signal.aborted) {
      try {
        this.note(await this.reader.targets(this.targetGroupArn), (Date.now() - this.startedAtMs) / 1000);
        this.looks++;
      } catch (error) {
        this.failure = error;
      }
      await sleep(this.everyMs, undefined, { signal: this.over.signal }).catch(() => {});
    }
  }

  private note(targets: readonly TargetSeen[], now: number): void {
    for (const { id, healthy } of targets) {
      const before = this.looks === 0 && healthy;
      const known = this.seen.get(id) ?? (before ? {} : { registeredAt: now });
      const isNew = known.registeredAt !== undefined;
      this.seen.set(id, { ...known, healthy, ...(isNew && healthy && { healthyAt: known.healthyAt ?? now }) });
    }
    for (const [id, known] of this.seen)
      if (!targets.some((target) => target.id === id)) this.seen.set(id, { ...known, goneAt: known.goneAt ?? now });
  }
}
