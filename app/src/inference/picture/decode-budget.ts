import { errors } from "../../errors";

/** Limits the bytes that are decoded at once: large pictures take turns, photos of usual size do not wait. */
export class DecodeBudget {
  private inUse = 0;
  private readonly waiting: { bytes: number; start: () => void }[] = [];

  constructor(
    readonly bytes: number,
    private readonly waitLimitMs = 4000,
  ) {}

  /** Runs `work` once there is room for `bytes`, which must be no more than the whole budget. */
  async spend<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await this.take(bytes);
    try {
      return await work();
    } finally {
      this.inUse -= bytes;
      this.admit();
    }
  }

  private take(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(limit);
        resolve();
      };
      const turn = { bytes, start };
      const limit = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(errors.timedOut());
        this.admit();
      }, this.waitLimitMs);
      this.waiting.push(turn);
      this.admit();
    });
  }

  /** In order of arrival, so that a stream of small pictures cannot keep a large one waiting. */
  private admit(): void {
    for (let next = this.waiting[0]; next && this.inUse + next.bytes <= this.bytes; next = this.waiting[0]) {
      this.waiting.shift();
      this.inUse += next.bytes;
      next.start();
    }
  }
}
