import { perVariant, shared, withoutAlarms, withVariants } from "./growth";

const rounds = 40;
const resourceLimit = 12;
const millisecondLimit = 15;

interface Point {
  readonly count: number;
  readonly resources: number;
  readonly shared: readonly string[];
  readonly milliseconds: number[];
}

/** Milliseconds of CPU: what a busy machine cannot stretch. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The counts take turns, so that a slow minute of the machine slows all of them. */
async function measureGrowth(counts: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  for (const count of counts) {
    const plan = await withVariants(count);
    points.push({ count, resources: plan.resources.length, shared: shared(plan), milliseconds: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { count, milliseconds } of points) milliseconds.push(await timed(() => withVariants(count)));
  }
  return points;
}

const fastest = ({ milliseconds }: Point) => Math.min(...milliseconds);

/** What a further variant adds, on the way from one point to another. */
const growth = (from: Point, to: Point, value: (of: Point) => number) =>
  perVariant({ count: from.count, value: value(from) }, { count: to.count, value: value(to) });

const columns = (values: readonly unknown[]) => values.map((value) => String(value).padStart(12)).join("");

/** Prints what each count takes and adds; true when every limit is met. */
export async function tellGrowth(counts: readonly number[]): Promise<boolean> {
  const points = await withoutAlarms(() => measureGrowth(counts));
  const [first] = points;
  if (!first) return true;
  console.log(
    `variants on ECS, their alarms not declared; ms of CPU, the fastest of ${rounds} evaluations in one process`,
  );
  console.log(columns(["variants", "resources", "shared", "ms", "+resources", "+ms"]));
  const verdicts = points.map((point) => {
    const moreResources = growth(first, point, ({ resources }) => resources);
    const moreMs = growth(first, point, fastest);
    const grown = point === first ? ["", ""] : [moreResources, moreMs.toFixed(1)];
    console.log(columns([point.count, point.resources, point.shared.length, fastest(point).toFixed(0), ...grown]));
    const isShared = point.shared.join() === first.shared.join();
    return point === first || (moreResources <= resourceLimit && moreMs <= millisecondLimit && isShared);
  });
  const met = verdicts.every((verdict) => verdict);
  const limits = `at most ${resourceLimit} resources and ${millisecondLimit} ms of CPU for each further variant, the same shared resources`;
  console.log(`${limits}: ${met ? "met" : "missed"}`);
  return met;
}

/** "1,2,5" as counts, or nothing when it is not that. */
export function countsIn(text: string): number[] | undefined {
  const counts = text.split(",").map(Number);
  const fits = counts.length > 1 && counts.every((count, index) => count > (counts[index - 1] ?? 0) && count <= 5);
  return fits && counts.every(Number.isInteger) ? counts : undefined;
}
