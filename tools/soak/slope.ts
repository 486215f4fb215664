export interface Sample {
  readonly seconds: number;
  readonly megabytes: number;
}

/** While the server warms up its memory grows: every thread decodes its first large picture, every arena gets its size. */
const warmUpShare = 1 / 3;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The growth in MB an hour: the median slope between any two samples (Theil-Sen) after the first third of the time. */
export function growthPerHour(samples: readonly Sample[]): number {
  const last = samples.at(-1)?.seconds ?? 0;
  const judged = samples.filter(({ seconds }) => seconds >= last * warmUpShare);
  const slopes = judged.flatMap((sample, index) =>
    judged
      .slice(0, index)
      .map((earlier) => (3600 * (sample.megabytes - earlier.megabytes)) / (sample.seconds - earlier.seconds)),
  );
  return median(slopes);
}
