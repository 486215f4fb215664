import {
  ageWarning,
  bill,
  imageBudgetGb,
  inferenceOf,
  type Line,
  type Measurement,
  otherImage,
  type Priceable,
  rateOf,
  readMeasurement,
  steadyRequestsPerSecond,
  sum,
  total,
} from "../../components/pricing";
import { type AwsTargetName, awsTargets, defaultTarget, type PerTarget, perTarget } from "../../components/targets";
import type { Wait } from "../../components/targets/profile";
import { projectFolder } from "../stack/file";
import { advice } from "./advice";
import { options } from "./alternatives";
import { type BreakEven, breakEvens } from "./break-even";
import { type Evaluated, evaluated } from "./evaluated";
import { firstUrl } from "./first-url";
import { matrix, type Row } from "./matrix";
import { type Sooner, scaleOut, soonerOf } from "./scaling";
import { type Scenario, type ScenarioName, scenarios, shortage } from "./scenarios";

export interface Asked {
  readonly stack: string;
  readonly requestsPerSecond?: number;
  /** The highest rate of a replica with the user's model; by default the stack's measurement, otherwise the rate measured with ResNet50. */
  readonly perReplica?: number;
  readonly imageMb?: number;
  readonly hours: number;
  /** By default the one beside the stack file. */
  readonly measurement?: Measurement;
  /** Measured loads to price. */
  readonly loads?: readonly MeasuredLoad[];
}

/** The load that a number of replicas answered in a measurement. */
export interface MeasuredLoad {
  readonly name: string;
  readonly target: AwsTargetName;
  readonly replicas: number;
  readonly requestsPerSecond: number;
}

export type PerScenario<T> = Readonly<Record<ScenarioName, T>>;

/** The data of the tables, the page and the advice, as plain values. */
export interface Comparison {
  readonly stack: string;
  readonly region: string;
  readonly hours: number;
  /** The oldest look-up and the oldest source among the prices used. */
  readonly prices: { readonly lookedUp: string; readonly oldestSource: string };
  readonly replica: string;
  readonly perReplica?: number;
  /** Whose requests/s these are. */
  readonly figures: string;
  /** By `npm run measure`, for this stack. */
  readonly isMeasured: boolean;
  readonly cpuPercent: number;
  readonly steadyRequestsPerSecond: number;
  readonly imageMb: number;
  readonly scenarios: readonly Scenario[];
  /** Names of the windows in which the replicas have other bounds. */
  readonly windows: readonly string[];
  readonly bills: PerTarget<PerScenario<readonly Line[]>>;
  readonly resources: readonly (PerTarget<number> & { readonly type: string; readonly shared: number })[];
  readonly options: readonly { readonly name: string; readonly how: string; readonly usd: PerScenario<number> }[];
  /** The cost of each option by replicas under steady load. */
  readonly curves: readonly {
    readonly name: string;
    readonly target?: AwsTargetName;
    readonly isSpot?: boolean;
    readonly usd: readonly number[];
  }[];
  readonly breakEvens: readonly BreakEven[];
  readonly firstUrl: PerTarget<readonly Wait[]>;
  readonly scaleOut: PerTarget<readonly Wait[]>;
  /** The time to a further replica with a feature that is not built. */
  readonly sooner: readonly Sooner[];
  readonly matrix: readonly Row[];
  readonly advice: readonly string[];
  readonly warnings: readonly string[];
  /** With the cost of the whole platform over all the hours. */
  readonly loads: readonly (MeasuredLoad & { readonly usd: number })[];
}

export async function compare(asked: Asked, today = new Date()): Promise<Comparison> {
  const { stack, hours, requestsPerSecond, perReplica, loads = [] } = asked;
  const { measurement = readMeasurement(projectFolder, stack) } = asked;
  const inference = inferenceOf(measurement);
  const { imageMb = inMb(measurement?.imageBytes) ?? imageBudgetGb * 1000 } = asked;
  const each = await evaluatedOnEach(stack, { imageGb: imageMb / 1000, inference });
  const { spec, settings } = each[defaultTarget.name];
  const rate = perReplica === undefined ? inference : rateOf(perReplica, spec);
  const cases = scenarios(spec, rate, requestsPerSecond);
  const all = options(each, rate, hours);
  const steady = steadyRequestsPerSecond(spec, rate);
  const most = Math.max(settings.replicas.max, 10);
  const counts = Array.from({ length: most }, (_, index) => index + 1);
  const billed = perTarget(({ name }) => bills(each[name], cases, hours));
  const lines = awsTargets.flatMap(({ name }) => billed[name].full);
  const facts = {
    stack,
    region: settings.region,
    hours,
    prices: { lookedUp: furthestBack(lines, "lookedUp"), oldestSource: furthestBack(lines, "dated") },
    replica: `${spec.cpuUnits / 1024} vCPU, ${spec.memoryMiB / 1024} GB, ${spec.architecture}`,
    ...(perReplica !== undefined && { perReplica }),
    figures: perReplica === undefined ? inference.from : `--per-replica ${perReplica}`,
    isMeasured: measurement !== undefined,
    cpuPercent: spec.scaling.cpuPercent,
    steadyRequestsPerSecond: steady,
    imageMb,
    scenarios: cases,
    windows: Object.keys(spec.schedule),
    bills: billed,
    resources: resourcesOf(each),
    options: all.map(({ name, how, usd }) => ({ name, how, usd: perScenario(cases, usd) })),
    curves: all.map(({ name, target, isSpot, usd }) => ({
      target,
      isSpot,
      name,
      usd: counts.map((replicas) => usd({ replicas, requestsPerSecond: replicas * steady })),
    })),
    breakEvens: breakEvens(all, spec, rate),
    firstUrl: perTarget(({ name }) => firstUrl(each[name].plan)),
    scaleOut: perTarget(({ name }) => scaleOut(each[name], imageMb)),
    sooner: awsTargets.flatMap(({ name }) => soonerOf(each[name], imageMb)),
    matrix: matrix(each),
    loads: loads.map((load) => ({
      ...load,
      usd: total(each[load.target].priceable, { ...load, ...spent(load.target, hours) }),
    })),
    warnings: [
      ageWarning(today, lines),
      shortage(spec, rate, requestsPerSecond ?? 0),
      otherImage(stack, measurement, settings.image),
    ].filter((text) => text !== undefined),
  };
  const further = awsTargets.map(({ name }) => each[name].profile.chooseFor);
  return {
    ...facts,
    advice: advice(
      facts,
      further.filter((text) => text !== undefined),
    ),
  };
}

const inMb = (bytes: number | undefined) => bytes && Math.round(bytes / 1e6);

async function evaluatedOnEach(
  stack: string,
  known: Pick<Priceable, "imageGb" | "inference">,
): Promise<PerTarget<Evaluated>> {
  const all: Partial<Record<AwsTargetName, Evaluated>> = {};
  // One after the other: the SDK has global state.
  for (const { name } of awsTargets) {
    const on = await evaluated(stack, name);
    all[name] = { ...on, priceable: { ...on.priceable, ...known } };
  }
  return all as PerTarget<Evaluated>;
}

function perScenario<T>(cases: readonly Scenario[], value: (scenario: Scenario) => T): PerScenario<T> {
  return Object.fromEntries(cases.map((scenario) => [scenario.name, value(scenario)])) as Record<ScenarioName, T>;
}

function furthestBack(lines: readonly Line[], of: "lookedUp" | "dated"): string {
  const [day = ""] = lines.flatMap((line) => line[of] ?? []).sort();
  return day;
}

/** One platform receives all traffic. */
export const spent = (target: AwsTargetName, hours: number) => ({
  hours,
  shares: perTarget(({ name }) => Number(name === target)),
});

function bills({ priceable, target }: Evaluated, cases: readonly Scenario[], hours: number) {
  return perScenario(cases, ({ replicas, requestsPerSecond }) =>
    bill(priceable, { ...spent(target, hours), replicas, requestsPerSecond }),
  );
}

function resourcesOf(each: PerTarget<Evaluated>) {
  const count = (target: AwsTargetName, type: string, shared: boolean) =>
    each[target].priceable.declared.filter((one) => one.type === type && (one.side === "shared") === shared).length;
  const types = new Set(awsTargets.flatMap(({ name }) => each[name].plan.resources.map(({ type }) => type)));
  return [...types]
    .filter((type) => !/^(pulumi|inference):/.test(type))
    .sort()
    .map((type) => {
      const shared = count(defaultTarget.name, type, true);
      // A target may need more resources outside its component than the default target.
      return { type, shared, ...perTarget(({ name }) => count(name, type, false) + count(name, type, true) - shared) };
    });
}

export const monthly = ({ bills }: Pick<Comparison, "bills">, target: AwsTargetName, scenario: ScenarioName) =>
  sum(bills[target][scenario]);

/** USD per million inferences at a scenario's load; undefined without a load. */
export function perMillion(
  { scenarios, hours }: Pick<Comparison, "scenarios" | "hours">,
  name: ScenarioName,
  usd: number,
) {
  return perMillionOf(scenarios.find((scenario) => scenario.name === name)?.requestsPerSecond ?? 0, hours, usd);
}

export function perMillionOf(requestsPerSecond: number, hours: number, usd: number): number | undefined {
  const requests = requestsPerSecond * 3600 * hours;
  return requests === 0 ? undefined : (usd / requests) * 1e6;
}
