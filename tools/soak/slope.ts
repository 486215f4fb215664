export interface Sample {
  readonly seconds: number;
  readonly megabytes: number;
}

/** While the server warms up its memory grows: every thread decodes its first large picture, every arena gets its size. */
const warmUpShare = 1 / 3;
const windowSeconds = 10;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * The growth in MB an hour: the median slope between any two windows of 10 s (Theil-Sen), each with the median of its samples, after the
 * first third of the time. A burst that raises some samples moves no median.
 */
export function growthPerHour(samples: readonly Sample[]): number {
  const last = samples.at(-1)?.seconds ?? 0;
  const windows = new Map<number, number[]>();
  for (const { seconds, megabytes } of samples) {
    if (seconds < last * warmUpShare) continue;
    const window = Math.floor(seconds / windowSeconds);
    windows.set(window, [...(windows.get(window) ?? []), megabytes]);
  }
  const points = [...windows].map(([window, values]) => ({
    hours: (window * windowSeconds) / 3600,
    at: median(values),
  }));
  const slopes = points.flatMap((point, index) =>
    points.slice(0, index).map((earlier) => (point.at - earlier.at) / (point.hours - earlier.hours)),
  );
  return median(slopes);
}
