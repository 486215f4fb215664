export interface AccessLogEntry {
  /** When the request arrived, in milliseconds since the epoch. */
  readonly atMs: number;
  /** ARN of the target group. */
  readonly group?: string;
  /** Address of the target. */
  readonly target?: string;
  readonly version?: string;
  readonly status: number;
  /** Why the load balancer itself answered or cut the answer; absent when the target's answer was passed on whole. */
  readonly reason?: string;
  /** The beginning of the target's own error. */
  readonly said?: string;
  readonly ms: number;
}

/** Requests by version and status: `none` when no named target was chosen, `cut` for an answer that broke off after its status. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One entry per request, in the order of their ends. */
export class AccessLog {
  private readonly all: AccessLogEntry[] = [];

  add(entry: AccessLogEntry): void {
    this.all.push(entry);
  }

  /** The present end of the log, for `since` and `counts`. */
  mark(): number {
    return this.all.length;
  }

  since(mark = 0): readonly AccessLogEntry[] {
    return this.all.slice(mark);
  }

  /** Requests that no target answered whole. A fixed response or a redirect is an answer. */
  failuresSince(mark = 0): readonly AccessLogEntry[] {
    return this.since(mark).filter(({ reason }) => reason !== undefined);
  }

  counts(mark = 0): Counts {
    const counts: Record<string, Record<string, number>> = {};
    for (const { version = "none", status, reason } of this.since(mark)) {
      const result = reason !== undefined && status < 400 ? "cut" : String(status);
      counts[version] ??= {};
      const ofVersion = counts[version];
      ofVersion[result] = (ofVersion[result] ?? 0) + 1;
    }
    return counts;
  }
}
