import { perVariant, shared, withoutAlarms, withVariants } from "./growth";

const rounds = 40;
/** In the first rounds Node still compiles code. */
const warmUps = 5;
const resourceLimit = 12;
const millisecondLimit = 15;

export interface Point {
  readonly count: number;
  readonly resources: number;
  readonly shared: readonly string[];
  readonly taken: Taken[];
}

/** In milliseconds. The CPU time includes the threads that collect garbage and compile. */
export interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

async function timed(work: () => Promise<unknown>): Promise<Taken> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}

/** The counts alternate, so that a slow minute of the machine slows all of them. */
async function measureGrowth(counts: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  for (const count of counts) {
    const plan = await withVariants(count);
    points.push({ count, resources: plan.resources.length, shared: shared(plan), taken: [] });
  }
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const { count, taken } of points) {
      const time = await timed(() => withVariants(count));
      if (round >= warmUps) taken.push(time);
    }
  }
  return points;
}

const fastest =
  (kind: keyof Taken) =>
  ({ taken }: Point) =>
    Math.min(...taken.map((time) => time[kind]));
const [wall, cpu] = [fastest("wall"), fastest("cpu")];
const resources = (point: Point) => point.resources;

/** The average addition of a further variant between two points. */
const growth = (from: Point, to: Point, value: (of: Point) => number) =>
  perVariant({ count: from.count, value: value(from) }, { count: to.count, value: value(to) });

export function isWithinLimits(first: Point, point: Point): boolean {
  const isShared = point.shared.join() === first.shared.join();
  return isShared && growth(first, point, resources) <= resourceLimit && growth(first, point, wall) <= millisecondLimit;
}

const columns = (values: readonly unknown[]) => values.map((value) => String(value).padStart(11)).join("");

/** Prints what each count takes and adds; true when every limit is met. */
export async function tellGrowth(counts: readonly number[]): Promise<boolean> {
  const points = await withoutAlarms(() => measureGrowth(counts));
  const [first] = points;
  if (!first) return true;
  console.log(`variants on ECS without their alarms; the fastest of ${rounds} evaluations`);
  console.log(columns(["variants", "resources", "shared", "ms", "ms of CPU", "+resources", "+ms", "+ms of CPU"]));
  for (const point of points) {
    const more = [growth(first, point, resources), growth(first, point, wall).toFixed(1)];
    const grown = point === first ? [] : [...more, growth(first, point, cpu).toFixed(1)];
    const took = [wall(point).toFixed(0), cpu(point).toFixed(0)];
    console.log(columns([point.count, point.resources, point.shared.length, ...took, ...grown]));
  }
  const met = points.slice(1).every((point) => isWithinLimits(first, point));
  const limits = `per further variant: at most ${resourceLimit} resources and ${millisecondLimit} ms, no new shared resource`;
  console.log(`${limits}: ${met ? "met" : "missed"}`);
  return met;
}

/** Parses counts such as "1,2,5"; undefined for any other text. */
export function countsIn(text: string): number[] | undefined {
  const counts = text.split(",").map(Number);
  const fits = counts.length > 1 && counts.every((count, index) => count > (counts[index - 1] ?? 0) && count <= 5);
  return fits && counts.every(Number.isInteger) ? counts : undefined;
}
