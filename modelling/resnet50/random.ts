/** Repeatable random numbers, from integer arithmetic alone, so that every machine draws the same ones. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From -1 to just below 1, each as likely as the next. */
  uniform(): number {
    return this.bits() / 0x80000000 - 1;
  }

  /** 32 bits of a Weyl sequence, mixed until neighbours no longer resemble each other. */
  private bits(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
