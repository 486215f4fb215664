import { awsTargets } from "../../components/targets";
import { monthly } from "../compare/comparison";
import { tellingStep } from "../load/recording";
import type { Section } from "../render/section";
import type { Report } from "./report";

/** Name of a figure -> the figure. */
type Figures = ReadonlyMap<string, number>;

/** The figures that changed. A figure that only one report has shows "-" for the other. */
export function changes(before: Report, now: Report): Section {
  const [old, current] = [figuresOf(before), figuresOf(now)];
  const names = [...new Set([...old.keys(), ...current.keys()])];
  const rows = names.flatMap((name) => {
    const [from, to] = [old.get(name), current.get(name)];
    return from === to ? [] : [[name, shown(from), shown(to), share(from, to)]];
  });
  return {
    title: `Since ${before.load.startedAt.slice(0, 10)}`,
    head: ["", "then", "now", "change"],
    rows,
    figures: 3,
    notes: rows.length === 0 ? ["Nothing changed."] : [],
  };
}

function figuresOf({ comparison, load }: Report): Figures {
  const costs = comparison.scenarios.flatMap(({ name }) =>
    awsTargets.map((target) => [`${target.label} ${name}, USD`, monthly(comparison, target.name, name)] as const),
  );
  const measured = load.lanes.flatMap((lane) => {
    const step = tellingStep(lane);
    const { highestPerSecond } = lane;
    const all = {
      "highest/s": highestPerSecond,
      "sent/s": step?.perSecond,
      "p50 ms": step?.p50Ms,
      "p99 ms": step?.p99Ms,
      errors: step?.errors,
    };
    return Object.entries(all).flatMap(([what, value]) =>
      value === undefined ? [] : [[`${lane.name}, ${what}`, value] as const],
    );
  });
  return new Map([...costs, ...measured]);
}

const shown = (value: number | undefined) => (value === undefined ? "-" : `${Number(value.toFixed(2))}`);

function share(from: number | undefined, to: number | undefined): string {
  if (from === undefined || to === undefined || from === 0) return "";
  const percent = (to / from - 1) * 100;
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}
