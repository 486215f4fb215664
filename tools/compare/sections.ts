import { type Line, sum } from "../../components/prices";
import type { Section } from "../render/section";
import { mostSearched } from "./break-even";
import { type Comparison, monthly, perMillion } from "./comparison";
import { total } from "./scaling";
import { scenarioNames } from "./scenarios";

export const usd = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(2));
const targets = ["ecs", "eks"] as const;

export const titleOf = ({ stack, region }: Comparison) => `Stack ${stack} in ${region}: ECS Fargate or EKS`;

export function sections(facts: Comparison): Section[] {
  return [costs(facts), bill(facts), ways(facts), breakEven(facts), times(facts), features(facts), resources(facts)];
}

/** The short table: what a reader who reads one thing reads. */
export function costs(facts: Comparison): Section {
  const rows = facts.scenarios.map(({ name, replicas, requestsPerSecond }) => {
    const [ecs, eks] = [monthly(facts, "ecs", name), monthly(facts, "eks", name)];
    const millions = [ecs, eks].map((value) => usd(perMillion(facts, name, value)));
    return [name, `${replicas}`, requestsPerSecond.toFixed(1), usd(ecs), usd(eks), ...millions];
  });
  const period = facts.hours === 730 ? "USD a month" : `USD for ${facts.hours} hours`;
  return {
    title: period,
    head: ["load", "replicas", "requests/s", "ECS", "EKS", "ECS per million", "EKS per million"],
    rows,
    figures: 6,
    notes: [
      `List prices, looked up on ${facts.prices.lookedUp} in sources of ${facts.prices.oldestSource} and later: no tax, no free tier, no discount. A replica is ${facts.replica} and answers ${facts.steadyRequestsPerSecond.toFixed(1)} requests/s of ResNet50 in fp32 before scaling adds another.`,
      ...(facts.windows.length > 0 ? [byTheClock(facts.windows)] : []),
    ],
  };
}

const byTheClock = (windows: readonly string[]) =>
  `In its windows (${windows.join(", ")}) ECS keeps other bounds: what it costs is the average of a week. EKS keeps the replicas above at all hours.`;

const part = { shared: "", ecs: "ECS: ", eks: "EKS: " } as const;

function bill({ bills }: Comparison): Section {
  const all = targets.flatMap((target) => scenarioNames.flatMap((name) => bills[target][name]));
  const sorted = (["shared", "ecs", "eks"] as const).flatMap((side) => all.filter((line) => line.side === side));
  const items = new Map(sorted.map((line) => [part[line.side] + line.item, line]));
  const cell = (lines: readonly Line[], { side, item }: Line) => {
    const found = lines.filter((line) => line.side === side && line.item === item);
    return found.length === 0 ? "" : usd(sum(found));
  };
  const cells = (line: Line) =>
    targets.flatMap((target) => scenarioNames.map((name) => cell(bills[target][name], line)));
  const sums = targets.flatMap((target) => scenarioNames.map((name) => usd(sum(bills[target][name]))));
  const mark = ({ assumed }: Line) => (assumed ? " ~" : "");
  return {
    title: "Line by line",
    head: ["", ...targets.flatMap((target) => scenarioNames.map((name) => `${target.toUpperCase()} ${name}`))],
    rows: [...[...items].map(([name, line]) => [name + mark(line), ...cells(line)]), ["Sum", ...sums]],
    figures: 6,
    notes: [
      "~ is an assumed price. Not in it: logs of the cluster's API, metrics of your own, what is in S3, traffic between zones, support.",
    ],
  };
}

function ways({ options }: Comparison): Section {
  return {
    title: "Other ways to run it",
    head: ["", "idle", "expected", "full", "how"],
    rows: options.map(({ name, how, usd: values }) => [name, ...scenarioNames.map((key) => usd(values[key])), how]),
    figures: 0,
    notes: [],
  };
}

function breakEven({ breakEvens }: Comparison): Section {
  return {
    title: "Break-even, each replica under steady load",
    head: ["cheaper below", "cheaper from there", "replicas", "requests/s"],
    rows: breakEvens.map(({ cheaperBelow, cheaperFrom, replicas, requestsPerSecond }) => [
      cheaperBelow,
      cheaperFrom,
      replicas === undefined ? `none up to ${mostSearched}` : `${replicas}`,
      requestsPerSecond === undefined ? "" : requestsPerSecond.toFixed(0),
    ]),
    figures: 2,
    notes: ["From so many replicas on the other way never costs more again."],
  };
}

function times({ firstUrl, scaleOut }: Comparison): Section {
  const seconds = (value: number) => `${value.toFixed(0)} s`;
  const path = (target: "ecs" | "eks") =>
    firstUrl[target].path.map((step) => `${step.what} ${seconds(step.seconds)}`).join(", ");
  const steps = (target: "ecs" | "eks") => scaleOut[target].map((step) => `${step.what} ${step.seconds} s`).join(", ");
  return {
    title: "How long it takes (estimates: nothing here was timed on AWS)",
    head: ["", "about", "on the way"],
    rows: [
      ["ECS, first URL", seconds(firstUrl.ecs.seconds), path("ecs")],
      ["EKS, first URL", seconds(firstUrl.eks.seconds), path("eks")],
      ["ECS, further replica", seconds(total(scaleOut.ecs)), steps("ecs")],
      ["EKS, further replica", seconds(total(scaleOut.eks)), steps("eks")],
    ],
    figures: 0,
    notes: [],
  };
}

function features({ matrix }: Comparison): Section {
  return {
    title: "What each can",
    head: ["", "ECS Fargate", "EKS", "known from"],
    rows: matrix.map(({ about, ecs, eks, known }) => [about, ecs, eks, known]),
    figures: 0,
    notes: [],
  };
}

function resources({ resources: types }: Comparison): Section {
  const count = (value: number) => (value === 0 ? "" : `${value}`);
  const sums = (["shared", "ecs", "eks"] as const).map((side) => `${types.reduce((all, type) => all + type[side], 0)}`);
  return {
    title: "Resources",
    head: ["type", "shared", "ECS", "EKS"],
    rows: [
      ...types.map(({ type, shared, ecs, eks }) => [
        type.replace(/\/[^:]+:/, ":"),
        count(shared),
        count(ecs),
        count(eks),
      ]),
      ["Sum", ...sums],
    ],
    figures: 3,
    notes: [],
  };
}
