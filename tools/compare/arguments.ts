import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hoursPerMonth } from "../../components/prices";
import { projectFolder } from "../offline";
import { CompareError } from "./compare-error";
import type { Asked } from "./comparison";

export const usage = `npm run compare -- [--stack prod] [--rps 40] [--hours 730] [--json | --html | --md]

What the stack costs and takes on ECS Fargate and on EKS, worked out from its settings: no account, no CLI.
Without --rps the expected load is what half way between the bounds of the replicas carries.`;

const formats = ["json", "html", "md"] as const;

export interface Arguments extends Asked {
  readonly format: (typeof formats)[number] | "text";
  readonly help: boolean;
}

export function readArguments(args: string[]): Arguments {
  const { stack = "prod", rps, hours, help = false, ...chosen } = parsed(args);
  const [format = "text", second] = formats.filter((each) => chosen[each]);
  if (second) throw new CompareError(`--${format} and --${second}: one of them`);
  if (!existsSync(join(projectFolder, `Pulumi.${stack}.yaml`)))
    throw new CompareError(`--stack is ${stack}: there is no Pulumi.${stack}.yaml`);
  return {
    stack,
    format,
    help,
    requestsPerSecond: rps === undefined ? undefined : positive("rps", rps, 1_000_000),
    hours: hours === undefined ? hoursPerMonth : positive("hours", hours, 24 * 366),
  };
}

function parsed(args: string[]) {
  const [text, flag] = [{ type: "string" } as const, { type: "boolean" } as const];
  const options = {
    stack: text,
    rps: text,
    hours: text,
    json: flag,
    html: flag,
    md: flag,
    help: { ...flag, short: "h" },
  };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new CompareError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

function positive(name: string, value: string, most: number): number {
  const number = Number(value);
  if (number > 0 && number <= most) return number;
  throw new CompareError(`--${name} is ${value}; expected a number above 0 and at most ${most}`);
}
