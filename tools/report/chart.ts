import { lineColours } from "../../components/targets/colours";
import type { Recording } from "../load/recording";
import { figure, lineChart } from "../render/chart";

/** The 99th percentile by rate; empty for a load with one rate. */
export function latencyCurves({ lanes, p99LimitMs }: Recording): string {
  if (p99LimitMs === undefined) return "";
  const colours = lineColours(lanes.map(({ target }) => target));
  const lines = lanes.map(({ name, steps }, index) => ({
    name,
    colour: colours[index] ?? "",
    points: steps
      .filter(({ p99Ms }) => p99Ms > 0)
      .map(({ perSecond, p99Ms }) => [perSecond, p99Ms] as const)
      .sort(([one], [other]) => one - other),
  }));
  // A step far above the limit would flatten all others.
  const end = p99LimitMs * 2;
  const title = "Latency by rate";
  const chart = lineChart({
    title,
    x: { title: "requests/s" },
    y: { title: "99th percentile, ms", end },
    lines,
    marks: true,
    limit: { value: p99LimitMs, name: `limit: ${p99LimitMs} ms` },
  });
  return figure(title, chart, `Values above ${end} ms are drawn at the upper edge.`);
}
