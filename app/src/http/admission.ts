import { errors, type RequestError } from "../errors";

/** A request that would wait longer than this is refused at once, so the caller can retry on another replica. */
const patienceSeconds = 0.75;
/** The weight of the latest batch in the moving average of the pace. */
const weightOfLatest = 0.2;

/**
 * Admits predictions once their body has arrived: at most `limit` at once, fewer on a machine that is too slow to answer that many
 * in time, and none once the replica has closed.
 */
export class Admission {
  private underWay = 0;
  /** True after SIGTERM: requests that still arrive are answered. */
  leaving = false;
  /** Every further request is refused. */
  closed = false;
  /** Seconds for one prediction while all workers are busy. */
  private secondsEach?: number;

  /** `soon` is the number of bodies that will soon want a place. */
  constructor(
    readonly limit: number,
    private readonly soon: () => number,
  ) {}

  get inFlight(): number {
    return this.underWay;
  }

  /** The error for a request that arrives now; undefined when there is room. */
  refusal(): RequestError | undefined {
    return this.closed ? errors.draining() : this.shortage(this.soon());
  }

  private shortage(soon = 0): RequestError | undefined {
    const underWay = this.underWay + soon;
    return underWay >= this.room ? errors.overloaded(underWay) : undefined;
  }

  /** Reports the seconds for one prediction while all workers were busy; the room for requests follows from it. */
  pace(secondsEach: number): void {
    const before = this.secondsEach ?? secondsEach;
    this.secondsEach = before + weightOfLatest * (secondsEach - before);
  }

  /** The seconds that the workers take for so many predictions. */
  secondsFor(predictions: number): number {
    return predictions * (this.secondsEach ?? 0);
  }

  private get room(): number {
    if (this.secondsEach === undefined) return this.limit;
    const inTime = Math.floor(patienceSeconds / this.secondsEach);
    return Math.min(this.limit, Math.max(inTime, Math.ceil(this.limit / 4)));
  }

  /** Runs the work if there is room. Its place stays taken until the work ends, even if the caller hangs up. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const shortage = this.shortage();
    if (shortage) throw shortage;
    this.underWay++;
    try {
      return await work();
    } finally {
      this.underWay--;
    }
  }
}
