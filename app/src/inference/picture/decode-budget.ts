import { errors } from "../../errors";

/**
 * A picture that would take longer until it is decoded and the model is free is refused at once, so the caller can retry on another
 * replica. Its upload and its own inference take the rest of a second.
 */
const patienceSeconds = 0.6;
/**
 * Decoding takes time in proportion to its bytes, and some for any picture: 640 x 427 pixels with 0.4 MB took 8 ms, 12 megapixels
 * with 17 MB 62 ms.
 */
const bytesOfAnyPicture = 2_200_000;
/** The weight of the earlier pictures after one more. */
const memory = 0.9;

/** Limits the bytes that are decoded at once and the time that pictures wait: large ones take turns, photos of usual size do not wait. */
export class DecodeBudget {
  private inUse = 0;
  private readonly waiting: { bytes: number; start: () => void }[] = [];
  /** Of the pictures that wait or are being decoded. */
  private costUnderWay = 0;
  /** Of the latest pictures, an older one counts less. */
  private readonly latest = { cost: 0, seconds: 0 };
  private lastEnd = 0;

  constructor(
    readonly bytes: number,
    private readonly waitLimitMs = 4000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Runs `work` once there is room for `bytes`, which must be no more than the whole budget. Refuses it if the pictures under way
   * and this one, and the inputs that wait for the model, take longer than a caller waits: all of it shares the CPU. A picture that
   * is alone is not refused.
   */
  async spend<T>(bytes: number, work: () => Promise<T>, secondsOfModel = 0): Promise<T> {
    const cost = bytes + bytesOfAnyPicture;
    const seconds = this.secondsFor(this.costUnderWay + cost) + secondsOfModel;
    if (this.costUnderWay > 0 && seconds > patienceSeconds) throw errors.decodersBusy();
    if (this.costUnderWay === 0) this.lastEnd = this.now();
    this.costUnderWay += cost;
    try {
      const result = await this.inTurn(bytes, work);
      this.measure(cost);
      return result;
    } finally {
      this.costUnderWay -= cost;
    }
  }

  private secondsFor(cost: number): number {
    const { latest } = this;
    return latest.cost === 0 ? 0 : (cost * latest.seconds) / latest.cost;
  }

  /** The decoders were busy since the last picture ended, or since this one came to an empty budget. */
  private measure(cost: number): void {
    const now = this.now();
    this.latest.cost = memory * this.latest.cost + cost;
    this.latest.seconds = memory * this.latest.seconds + (now - this.lastEnd) / 1000;
    this.lastEnd = now;
  }

  private async inTurn<T>(bytes: number, work: () => Promise<T>): Promise<T> {
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
