import { awsTargetNamed, type PerTarget, perTarget } from "../../components/targets";
import { type Question, questions } from "../../components/targets/profile";
import { ofType } from "../offline";
import type { Evaluated } from "./evaluated";

/** One question about every target, and how its answers are known. */
export type Row = PerTarget<string> & {
  readonly about: string;
  readonly known: "plan" | "settings" | "documentation";
};

const own = ({ priceable, target }: Evaluated) =>
  priceable.declared.filter(({ side, type }) => side === target && !/^(pulumi|inference):/.test(type));

/** The rows of the program, with each target's own answers between them. */
export function matrix(each: PerTarget<Evaluated>): Row[] {
  const row = (about: string, known: Row["known"], answer: (on: Evaluated) => string): Row => ({
    about,
    ...perTarget(({ name }) => answer(each[name])),
    known,
  });
  const answers = perTarget(({ name }) =>
    each[name].profile.facts({ ...each[name].plan, settings: each[name].settings }),
  );
  const asked = (Object.keys(questions) as Question[]).map(
    (about): Row => ({ about, ...perTarget(({ name }) => answers[name][about]), known: questions[about] }),
  );
  return [
    row("resources of its own", "plan", (on) => `${own(on).length}`),
    ...asked,
    row("scaling by the clock", "settings", byTheClock),
    row("blue/green, A/B", "plan", () => "weights of the load balancer"),
    row("alarms", "plan", ({ plan }) => `${ofType(plan, "aws:cloudwatch/metricAlarm:MetricAlarm").length}`),
    row("replicas", "settings", ({ settings }) => `up to ${settings.replicas.max}`),
  ];
}

function byTheClock({ target, settings }: Evaluated): string {
  const windows = Object.keys(settings.schedule).length;
  return awsTargetNamed(target).capabilities.schedule ? `yes; windows: ${windows}` : "no";
}
