import { flag, help, optionsOf, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import type { Goal } from "./plan";

export const usage = `npm run release -- --stack <name> --to <image|variant>
                   [--steps 5,25,50,100] [--bake 5m]
npm run release -- --stack <name> --to-target <target> [--steps ...]
                   [--bake ...]
npm run release -- --stack <name> --back [--steps ...]
npm run release -- --stack <name> --status

--to         an image (repository@sha256:...) runs beside the present one and
             gets the traffic in steps; or a variant of the stack file gets it
--to-target  moves the service to the other platform in steps
--steps      percent after each step; the last one is 100
--bake       how long each step is watched: 90s, 5m, 1h
--back       the version before, in one update; after a move to a variant or
             a platform, the one before; of an interrupted release, the state
             before it
--status     variants, versions, shares, alarms, and who released what
--dry-run    prints the plan and previews the first update
--yes        does not ask

Each step edits the stack file, and is one preview and one pulumi up. If an
alarm of the new version fires, its replicas are not healthy or requests fail,
the traffic goes back, and the command ends with 1. Ctrl-C asks, and goes back.
If the command was killed, the same command goes on. If it was --back in steps,
--status prints the command.`;

export interface Asked {
  readonly stack: string;
  readonly goal: Goal | "back" | "status";
  readonly steps?: readonly number[];
  readonly bakeSeconds: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

const options = {
  stack: text,
  to: text,
  "to-target": text,
  steps: text,
  bake: { ...text, default: "5m" },
  back: flag,
  status: flag,
  "dry-run": flag,
  yes: flag,
  help,
};

/** Undefined when the usage was asked for. */
export function askedRelease(args: string[]): Asked | undefined {
  const values = optionsOf(args, options, usage);
  if (values.help) return undefined;
  const { stack, to, steps, bake, back, status } = values;
  if (stack === undefined) throw new UserError(`--stack is missing\n\n${usage}`);
  const target = values["to-target"];
  const goals: Asked["goal"][] = [
    ...(to === undefined ? [] : [goalOf(to)]),
    ...(target === undefined ? [] : [{ target }]),
    ...(back ? (["back"] as const) : []),
    ...(status ? (["status"] as const) : []),
  ];
  const [goal] = goals;
  if (goal === undefined || goals.length > 1)
    throw new UserError(`Expected one of --to, --to-target, --back and --status\n\n${usage}`);
  return {
    stack,
    goal,
    steps: steps === undefined ? undefined : stepsOf(steps),
    bakeSeconds: secondsOf(bake),
    dryRun: values["dry-run"] ?? false,
    yes: values.yes ?? false,
  };
}

function goalOf(to: string): Goal {
  if (!/[@:/]/.test(to)) return { variant: to };
  if (/^[^@]+@sha256:[0-9a-f]{64}$/.test(to)) return { image: to };
  throw new UserError(
    `--to is ${to}; expected repository@sha256:<64 hex digits>. To find the digest: npm run pin -- ${to.split("@")[0]}`,
  );
}

function stepsOf(steps: string): number[] {
  const percents = steps.split(",").map((step) => (/^\s*\d+\s*$/.test(step) ? Number(step) : Number.NaN));
  const rises = percents.every((percent, index) => percent > (percents[index - 1] ?? 0));
  if (rises && percents.at(-1) === 100) return percents;
  throw new UserError(`--steps is ${steps}; expected whole percents that rise and end at 100, such as 5,25,50,100`);
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function secondsOf(bake: string): number {
  const [, count = "", unit = ""] = /^(\d+)([smh])$/.exec(bake) ?? [];
  if (unit !== "") return Number(count) * (units[unit] ?? 0);
  throw new UserError(`--bake is ${bake}; expected a time such as 90s, 5m or 1h`);
}
