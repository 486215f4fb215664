import type { WeightedGroup } from "./rules";

/** Chooses groups in proportion to their weights, evenly spread. AWS documents the proportion, not the order. */
export class Shares {
  private readonly credit = new Map<string, number>();

  next(groups: readonly WeightedGroup[]): string | undefined {
    const total = groups.reduce((sum, { weight }) => sum + weight, 0);
    const candidates = groups.filter(({ weight }) => weight > 0);
    for (const { arn, weight } of candidates) this.credit.set(arn, this.of(arn) + weight / total);
    const [chosen] = candidates.sort((one, other) => this.of(other.arn) - this.of(one.arn));
    if (chosen) this.credit.set(chosen.arn, this.of(chosen.arn) - 1);
    return chosen?.arn;
  }

  private of(arn: string): number {
    return this.credit.get(arn) ?? 0;
  }
}
