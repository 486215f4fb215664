/**
 * Repeatable random numbers near the normal distribution. Only integer arithmetic and exact float operations take
 * part, so every machine draws the same ones: Math.log and Math.cos would not promise that.
 */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Mean 0, variance 1: the sum of four uniform 16-bit numbers, whose tails end at 3.46. */
  normal(): number {
    const first = this.bits();
    const second = this.bits();
    const sum = (first >>> 16) + (first & 0xffff) + (second >>> 16) + (second & 0xffff);
    return (sum - 2 * 0xffff) * this.unit;
  }

  private readonly unit = Math.sqrt(3) / 0x10000;

  /** 32 bits of a Weyl sequence, mixed until neighbours no longer resemble each other. */
  private bits(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
