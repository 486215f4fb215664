import { errors, type RequestError } from "./errors";

/** Who waits longer than this is better served elsewhere, or told so at once. */
const patienceSeconds = 0.75;
/** How much the latest batch says about the pace. */
const weightOfLatest = 0.2;

/**
 * What may be predicted now, of requests whose body is there: at most `limit` at once, fewer where the machine is too slow to
 * answer so many in time, and nothing at the end of the replica.
 */
export class Admission {
  private underWay = 0;
  /** From SIGTERM on: platforms should send nothing more, and what they still send is answered. */
  leaving = false;
  /** Nothing more is taken. */
  closed = false;
  /** Of one prediction, while all workers are busy. */
  private secondsEach?: number;

  constructor(readonly limit: number) {}

  get inFlight(): number {
    return this.underWay;
  }

  /** Why a request that arrives now would not be predicted, if so. */
  refusal(): RequestError | undefined {
    return this.closed ? errors.draining() : this.shortage();
  }

  private shortage(): RequestError | undefined {
    return this.underWay >= this.room ? errors.overloaded(this.underWay) : undefined;
  }

  /** What one prediction took of a fully used machine: the queue may be as long as that allows. */
  pace(secondsEach: number): void {
    const before = this.secondsEach ?? secondsEach;
    this.secondsEach = before + weightOfLatest * (secondsEach - before);
  }

  private get room(): number {
    if (this.secondsEach === undefined) return this.limit;
    const inTime = Math.floor(patienceSeconds / this.secondsEach);
    return Math.min(this.limit, Math.max(inTime, Math.ceil(this.limit / 4)));
  }

  /** Does the work if there is a place for it, which is free again when the work ends, whoever still waits for it. */
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
