/** The rates of a lane, one step after the other. */
export interface Course {
  /** The rate to try next; undefined at the end. */
  readonly next: number | undefined;
  /** The highest rate that kept the objective, in a search. */
  readonly found?: number;
  tell(rate: number, kept: boolean): void;
}

/** A single rate, kept or not. */
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

/** The search ends when the highest rate that keeps the objective is this close to the lowest that does not. */
const precision = 0.05;
const most = 100_000;

/** Doubles the rate until the objective is missed, then bisects. The result is 0 when even a low rate misses it. */
export class RateSearch implements Course {
  found = 0;
  private broke = Number.POSITIVE_INFINITY;

  constructor(private readonly first: number) {}

  get next(): number | undefined {
    if (this.broke === Number.POSITIVE_INFINITY) {
      if (this.found >= most) return undefined;
      return this.found === 0 ? this.first : Math.min(this.found * 2, most);
    }
    // Below a hundredth of the first rate there is no load worth measuring.
    const near = Math.max(this.broke * precision, this.first / 100);
    return this.broke - this.found > near ? (this.found + this.broke) / 2 : undefined;
  }

  tell(rate: number, kept: boolean): void {
    if (kept) this.found = rate;
    else this.broke = rate;
  }
}
