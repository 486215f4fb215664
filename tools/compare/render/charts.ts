import { chartColours } from "../../../components/core/chart-colours";
import { sumOf } from "../../../components/pricing";
import { awsTargets } from "../../../components/targets";
import { platformColour } from "../../../components/targets/colours";
import { barChart, figure, type LineChart, lineChart, type Pattern } from "../../render/chart";
import { type Comparison, monthly } from "../comparison";
import { period } from "../sections";

const sides = [
  { side: "shared" as const, name: "shared by both", colour: chartColours.neutral },
  ...awsTargets.map(({ name, label }) => ({ side: name, name: `${label} only`, colour: platformColour(name) })),
];

/** What is shared and what belongs to one platform, for each load. */
export function costBars(facts: Comparison): string {
  const bars = facts.scenarios.flatMap(({ name: load }) =>
    awsTargets.map(({ name, label }) => ({
      name: `${load}, ${label}`,
      values: sides.map(({ side }) => sumOf(facts.bills[name][load], side)),
      total: monthly(facts, name, load).toLocaleString("en-US", { maximumFractionDigits: 0 }),
    })),
  );
  const title = "Cost by load and platform";
  return figure(title, barChart({ title, x: { title: period(facts) }, series: sides, bars }));
}

/** Each way to run the stack, with more and more replicas under steady load. */
export function replicaCurves(facts: Comparison): string {
  const chart = replicaChart(facts);
  const caption = "Every replica works at its steady load. Lambda is billed by request, SageMaker by instance.";
  return figure(chart.title, lineChart(chart), caption);
}

export function replicaChart(facts: Comparison): LineChart {
  const others = [...chartColours.others];
  const lines = facts.curves.map(({ name, target, isSpot, usd }) => ({
    name,
    colour: target === undefined ? (others.shift() ?? chartColours.neutral) : platformColour(target),
    pattern: patternOf(target, isSpot),
    points: usd.map((value, index) => [index + 1, value] as const),
  }));
  return {
    title: "Cost by number of replicas",
    x: { title: "replicas", isCount: true },
    y: { title: period(facts) },
    lines,
  };
}

function patternOf(target: string | undefined, isSpot = false): Pattern {
  if (target === undefined) return "dotted";
  return isSpot ? "dashed" : "solid";
}
