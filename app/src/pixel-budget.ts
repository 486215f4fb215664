import { errors } from "./errors";

/**
 * How many pixels may be decoded at once. A progressive JPEG is held in memory whole, at up to six bytes a pixel, so several
 * huge ones side by side could take more than the container has; they take turns, and photos of a usual size need not wait.
 */
export class PixelBudget {
  private inUse = 0;
  private readonly waiting: { pixels: number; start: () => void }[] = [];

  constructor(
    private readonly pixels: number,
    private readonly waitLimitMs = 4000,
  ) {}

  /** Runs `work` once there is room; a picture larger than the whole budget runs alone. */
  async spend<T>(pixels: number, work: () => Promise<T>): Promise<T> {
    const share = Math.min(pixels, this.pixels);
    await this.take(share);
    try {
      return await work();
    } finally {
      this.inUse -= share;
      this.admit();
    }
  }

  private take(pixels: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(limit);
        resolve();
      };
      const turn = { pixels, start };
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
    for (let next = this.waiting[0]; next && this.inUse + next.pixels <= this.pixels; next = this.waiting[0]) {
      this.waiting.shift();
      this.inUse += next.pixels;
      next.start();
    }
  }
}
