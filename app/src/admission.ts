import { errors, type RequestError } from "./errors";

/** Who waits longer than this is better served elsewhere, or told so at once. */
const patienceSeconds = 0.75;
/** How much the latest batch says about the pace. */
const weightOfLatest = 0.2;

/**
 * Who may come in: at most `limit` predictions at once, fewer where the machine is too slow to answer so many in time, and nobody once
 * the replica is leaving.
 */
export class Admission {
  private underWay = 0;
  private whenEmpty?: () => void;
  draining = false;
  /** Of one prediction, while all workers are busy. */
  private secondsEach?: number;

  constructor(readonly limit: number) {}

  get inFlight(): number {
    return this.underWay;
  }

  /** Why a prediction may not come in now, if so. */
  refusal(): RequestError | undefined {
    if (this.draining) return errors.draining();
    if (this.underWay >= this.room) return errors.overloaded(this.underWay);
    return undefined;
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

  enter(): void {
    this.underWay++;
  }

  leave(): void {
    this.underWay--;
    if (this.underWay === 0) this.whenEmpty?.();
  }

  /** Refuses all from now on; resolves when the last one under way has left. */
  drain(): Promise<void> {
    this.draining = true;
    return new Promise((resolve) => {
      if (this.underWay === 0) resolve();
      else this.whenEmpty = resolve;
    });
  }
}
