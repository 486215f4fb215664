export interface Range {
  min: number;
  max: number;
}

const halfBins = 2048;
/** How far a range may shrink: shares of the full one that are tried. */
const shares = Array.from({ length: 60 }, (_, index) => 1 - index / 80);

/** Counts of values around zero, whose reach doubles whenever a value lies beyond it. */
export class Histogram {
  private counts = new Float64Array(2 * halfBins);
  private reach = 2 ** -10;
  private min = 0;
  private max = 0;

  add(values: Float32Array): void {
    for (const value of values) {
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
    while (this.reach <= Math.max(this.max, -this.min)) this.widen();
    const scale = halfBins / this.reach;
    for (const value of values) {
      const bin = Math.floor(value * scale) + halfBins;
      this.counts[bin] = (this.counts[bin] ?? 0) + 1;
    }
  }

  /**
   * The range that loses least, squared, when its values are rounded to 256 steps. Rare far values are worth
   * clipping: the steps they would stretch hold everything else. Zero always lies inside.
   */
  bestRange(): Range {
    let best = { min: this.min, max: this.max };
    let least = Number.POSITIVE_INFINITY;
    for (const share of shares) {
      const range = { min: this.min * share, max: this.max * share };
      const loss = this.lossOf(range);
      if (loss < least) [least, best] = [loss, range];
    }
    return best;
  }

  private lossOf({ min, max }: Range): number {
    const step = (max - min) / 255;
    let loss = 0;
    for (let bin = 0; bin < this.counts.length; bin++) {
      const count = this.counts[bin] ?? 0;
      const value = ((bin + 0.5 - halfBins) * this.reach) / halfBins;
      const beyond = Math.max(value - max, min - value, 0);
      loss += count * (beyond === 0 ? (step * step) / 12 : beyond * beyond);
    }
    return loss;
  }

  private widen(): void {
    const counts = new Float64Array(2 * halfBins);
    for (const [bin, count] of this.counts.entries()) {
      const into = Math.floor((bin - halfBins) / 2) + halfBins;
      counts[into] = (counts[into] ?? 0) + count;
    }
    this.counts = counts;
    this.reach *= 2;
  }
}
