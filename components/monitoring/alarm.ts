import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One metric that an alarm looks at. */
export interface Signal {
  /** Its name in the expression. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: "Sum" | "Average" | "Minimum" | "Maximum" | "p99";
}

const urgencies = ["page", "warning"] as const;

/** What an alarm watches, whatever it is that it watches it on. */
export interface Alarm {
  /** Part of its name on AWS. */
  readonly name: string;
  readonly signals: readonly Signal[];
  /** CloudWatch metric maths over the signals. */
  readonly expression: string;
  /** The expression in words. */
  readonly measures: string;
  readonly unit: string;
  readonly comparison: "above" | "below";
  readonly threshold: number;
  /** Fires when so many of the newest periods breach. */
  readonly breaches: number;
  readonly periods: number;
  readonly periodSeconds: number;
  readonly missingData: "breaching" | "notBreaching";
  /** A page wakes somebody, through the composite of its subject; a warning is for working hours. */
  readonly urgency: (typeof urgencies)[number];
  /** ECS takes a deployment back when it fires meanwhile. */
  readonly rollsBack: boolean;
  readonly advice: string;
  /** Heading of docs/runbook.md that says more. */
  readonly section: string;
}

export const anchor = (section: string) => `#${section.toLowerCase().replaceAll(" ", "-")}`;

/** The address of the repository. Without one, a mail names the file. */
const { homepage }: { homepage?: string } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));

/** What a person reads at night: what is wrong, what to do first, where more is said. */
export function description(alarm: Alarm, repository = homepage): string {
  const folder = repository === undefined ? "" : `${repository.replace(/#.*/, "")}/blob/HEAD/`;
  return `${firesWhen(alarm)}. ${alarm.advice} More: ${folder}docs/runbook.md${anchor(alarm.section)}`;
}

export function firesWhen(alarm: Alarm): string {
  const { measures, comparison, threshold, unit, breaches, periods, periodSeconds } = alarm;
  const minutes = periodSeconds / 60;
  const span = minutes === 1 ? "minutes" : `periods of ${minutes} minutes`;
  const often = periods === 1 ? `over ${spanInWords(minutes)}` : `in ${breaches} of ${periods} ${span}`;
  return `${measures} ${comparison} ${threshold}${unit} ${often}`;
}

const spanInWords = (minutes: number) => ({ 1: "a minute", 1440: "a day" })[minutes] ?? `${minutes} minutes`;
