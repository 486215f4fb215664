import { hoursPerMonth, type Line, sum } from "../../components/pricing";
import { awsTargets, perTarget } from "../../components/targets";
import type { Wait } from "../../components/targets/profile";
import type { Section } from "../render/section";
import { mostSearched } from "./break-even";
import { type Comparison, monthly, perMillion } from "./comparison";
import { span, total } from "./scaling";
import { scenarioNames } from "./scenarios";

const labels = awsTargets.map(({ label }) => label);

export const usd = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(2));
const sides = ["shared", ...awsTargets.map(({ name }) => name)] as const;

/** Names the machines: the result does not hold for ECS and EKS in general. */
export const titleOf = ({ stack, region }: Comparison) =>
  `Stack ${stack} in ${region}: Fargate against EC2 under EKS Auto Mode`;

/** Rounded, because another machine changes the rate by more. */
export const rate = (requestsPerSecond: number) =>
  requestsPerSecond < 10 ? `${Number(requestsPerSecond.toPrecision(1))}` : requestsPerSecond.toFixed(0);

export function sections(facts: Comparison): Section[] {
  return [
    costs(facts),
    bill(facts),
    ways(facts),
    breakEven(facts),
    times(facts),
    sources(facts),
    features(facts),
    resources(facts),
  ];
}

export const period = ({ hours }: Comparison) => (hours === hoursPerMonth ? "USD a month" : `USD for ${hours} hours`);

/** The summary table. */
export function costs(facts: Comparison): Section {
  const rows = facts.scenarios.map(({ name, replicas, requestsPerSecond }) => {
    const months = awsTargets.map((target) => monthly(facts, target.name, name));
    const millions = months.map((value) => usd(perMillion(facts, name, value)));
    return [name, `${replicas}`, rate(requestsPerSecond), ...months.map(usd), ...millions];
  });
  return {
    title: period(facts),
    head: ["load", "replicas", "requests/s", ...labels, ...labels.map((label) => `${label} per million`)],
    rows,
    figures: 6,
    notes: [
      `List prices, looked up on ${facts.prices.lookedUp} in sources of ${facts.prices.oldestSource} and later: no tax, no free tier, no discount.`,
      replicaNote(facts),
      "Like for like would be ECS Managed Instances against Auto Mode, both EC2 with a fee of about 12 %. Managed Instances are not built here.",
      ...(facts.windows.length > 0 ? [byTheClock(facts.windows)] : []),
    ],
  };
}

function replicaNote(facts: Comparison): string {
  const { replica, perReplica, figures, isMeasured, cpuPercent, steadyRequestsPerSecond } = facts;
  const steady = Number(steadyRequestsPerSecond.toPrecision(2));
  const carried = `A replica is ${replica} and carries ${steady} requests/s at ${cpuPercent} % CPU`;
  if (perReplica !== undefined) return `${carried}, by --per-replica ${perReplica}.`;
  const own = isMeasured ? "" : " For your container: npm run measure, or --per-replica.";
  return `${carried}: ${figures}. ${everyVcpu}${own}`;
}

const everyVcpu =
  "A vCPU is taken to be as fast everywhere; users report differences of 30 % up to 3-5 times between Fargate tasks (containers-roadmap#2019, #1030).";

const byTheClock = (windows: readonly string[]) =>
  `In the scheduled windows (${windows.join(", ")}) the replicas have other bounds, so the costs are the average of a week.`;

const part = { shared: "", ...perTarget(({ label }) => `${label}: `) };

function bill({ bills }: Comparison): Section {
  const all = awsTargets.flatMap((target) => scenarioNames.flatMap((name) => bills[target.name][name]));
  const sorted = sides.flatMap((side) => all.filter((line) => line.side === side));
  const items = new Map(sorted.map((line) => [part[line.side] + line.item, line]));
  const cell = (lines: readonly Line[], { side, item }: Line) => {
    const found = lines.filter((line) => line.side === side && line.item === item);
    return found.length === 0 ? "" : usd(sum(found));
  };
  const cells = (line: Line) =>
    awsTargets.flatMap((target) => scenarioNames.map((name) => cell(bills[target.name][name], line)));
  const sums = awsTargets.flatMap((target) => scenarioNames.map((name) => usd(sum(bills[target.name][name]))));
  const mark = ({ assumed }: Line) => (assumed ? " ~" : "");
  return {
    title: "Line by line",
    head: ["", ...labels.flatMap((label) => scenarioNames.map((name) => `${label} ${name}`))],
    rows: [...[...items].map(([name, line]) => [name + mark(line), ...cells(line)]), ["Sum", ...sums]],
    figures: 6,
    notes: [
      ...(all.some(({ assumed }) => assumed) ? ["~ is an assumed price."] : []),
      ...(items.has("ECS: Container Insights") ? [insightsRange] : []),
      ...omissions,
    ],
  };
}

const insightsRange =
  "Container Insights on ECS: every set of dimensions in AWS's documentation, 48 metrics a task when enhanced. AWS may bill a task by one set of two, 24. A third party's rule of thumb is 4.66 USD a task and month.";

const omissions = [
  "Not included: Savings Plans. One year without upfront takes 20 % off Fargate on x86_64 (us-east-1, price list of 2026-09-28); EC2 has discounts of its own, not looked up. They do not apply to Spot.",
  "Not included: traffic between zones, 0.01 USD a GB in each direction (2026-10-02), for example to a NAT gateway in another zone.",
  "Not included: performance logs of Container Insights, logs of the cluster's API, your own metrics, S3 storage, support.",
];

function ways(facts: Comparison): Section {
  return {
    title: "Other ways to run it",
    head: ["", "idle", "expected", "full", "full per million", "how"],
    rows: facts.options.map(({ name, how, usd: values }) => {
      const months = scenarioNames.map((key) => usd(values[key]));
      return [name, ...months, usd(perMillion(facts, "full", values.full)), how];
    }),
    figures: 0,
    notes: facts.options.some(({ name }) => name.includes("AMX")) ? [amxNote] : [],
  };
}

const amxNote =
  "A model in bf16 or int8 on OpenVINO answers more on CPUs with AMX, which npm run measure shows on such a node; --per-replica prices it. The CPU of Fargate cannot be chosen.";

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
    notes: ["From that number of replicas on, the second option never costs more."],
  };
}

const parts = (waits: readonly Wait[]) =>
  waits.map(({ what, seconds, most }) => `${what} ${span({ least: seconds, most: most ?? seconds })}`).join(", ");

function times({ firstUrl, scaleOut, sooner, imageMb }: Comparison): Section {
  const row = (name: string, waits: readonly Wait[]) => [name, span(total(waits)), parts(waits)];
  return {
    title: "How long it takes (nothing here was timed on AWS)",
    head: ["", "about", "of which"],
    rows: [
      ...awsTargets.map(({ name, label }) => row(`${label}, first URL`, firstUrl[name])),
      ...awsTargets.flatMap(({ name, label }) => [
        row(`${label}, further replica`, scaleOut[name]),
        ...sooner
          .filter(({ target }) => target === name)
          .map(({ how, reason, span: faster }) => [`the same, ${how}`, span(faster), reason]),
      ]),
    ],
    figures: 0,
    notes: [
      `Assumes an image of ${imageMb} MB (--image-mb) and a build of 180 s in parallel with the network. An image of several GB takes longer.`,
    ],
  };
}

/** Each wait once, with its source. */
function sources({ firstUrl, scaleOut }: Comparison): Section {
  const waits = [firstUrl, scaleOut].flatMap((of) => awsTargets.flatMap(({ name }) => of[name]));
  const known = new Map(waits.map((wait) => [wait.what, wait]));
  return {
    title: "Where the times come from",
    head: ["wait", "about", "source"],
    rows: [...known.values()].map(({ what, seconds, most, from }) => [
      what,
      span({ least: seconds, most: most ?? seconds }),
      from,
    ]),
    figures: 0,
    notes: ["AWS's own figures for ECS are 386 s to provisioned tasks, 109 s with metrics of 20 seconds."],
  };
}

function features({ matrix }: Comparison): Section {
  return {
    title: "Features",
    head: ["", ...awsTargets.map(({ title }) => title), "known from"],
    rows: matrix.map((row) => [row.about, ...awsTargets.map(({ name }) => row[name]), row.known]),
    figures: 0,
    notes: [],
  };
}

function resources({ resources: types }: Comparison): Section {
  const count = (value: number) => (value === 0 ? "" : `${value}`);
  const sums = sides.map((side) => `${types.reduce((all, type) => all + type[side], 0)}`);
  return {
    title: "Resources",
    head: ["type", "shared", ...labels],
    rows: [
      ...types.map((row) => [row.type.replace(/\/[^:]+:/, ":"), ...sides.map((side) => count(row[side]))]),
      ["Sum", ...sums],
    ],
    figures: 3,
    notes: [],
  };
}
