import { errors, type RequestError } from "./errors";

/** Who may come in: at most `limit` predictions at once, and nobody once the replica is leaving. */
export class Admission {
  private underWay = 0;
  private whenEmpty?: () => void;
  draining = false;

  constructor(readonly limit: number) {}

  get inFlight(): number {
    return this.underWay;
  }

  /** Why a prediction may not come in now, if so. */
  refusal(): RequestError | undefined {
    if (this.draining) return errors.draining();
    if (this.underWay >= this.limit) return errors.overloaded(this.limit);
    return undefined;
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
