/** Which rates a lane is asked, one step after the other. */
export interface Course {
  /** The rate to try next; none once there is no more to learn. */
  readonly next: number | undefined;
  /** The highest that kept the objective, for a course that looks for one. */
  readonly found?: number;
  tell(rate: number, kept: boolean): void;
}

/** One rate, whatever comes of it. */
export class OneRate implements Course {
  private tried = false;

  constructor(private readonly rate: number) {}

  get next(): number | undefined {
    return this.tried ? undefined : this.rate;
  }

  tell(): void {
    this.tried = true;
  }
}

/** How near the highest rate that keeps the objective is to the lowest that does not. */
const precision = 0.05;
const most = 100_000;

/** The highest rate that keeps the objective: doubled until one does not, then halved between. 0 when not even a low one keeps it. */
export class RateSearch implements Course {
  found = 0;
  private broke = Number.POSITIVE_INFINITY;

  constructor(private readonly first: number) {}

  get next(): number | undefined {
    if (this.broke === Number.POSITIVE_INFINITY) {
      if (this.found >= most) return undefined;
      return this.found === 0 ? this.first : Math.min(this.found * 2, most);
    }
    // Below a hundredth of the first there is nothing that one would call a load.
    const near = Math.max(this.broke * precision, this.first / 100);
    return this.broke - this.found > near ? (this.found + this.broke) / 2 : undefined;
  }

  tell(rate: number, kept: boolean): void {
    if (kept) this.found = rate;
    else this.broke = rate;
  }
}
