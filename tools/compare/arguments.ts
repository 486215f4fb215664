import { hoursPerMonth } from "../../components/prices";
import { flag, help, optionsOf, positive, text } from "../cli/options";
import { refuseUnknownStack } from "../cli/stack";
import { UserError } from "../cli/user-error";
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
  const options = { stack: text, rps: text, hours: text, json: flag, html: flag, md: flag, help };
  const { stack = "prod", rps, hours, help: asks = false, ...chosen } = optionsOf(args, options, usage);
  const [format = "text", second] = formats.filter((each) => chosen[each]);
  if (second) throw new UserError(`--${format} and --${second}: one of them`);
  refuseUnknownStack(stack);
  return {
    stack,
    format,
    help: asks,
    requestsPerSecond: rps === undefined ? undefined : positive("rps", rps, 1_000_000),
    hours: hours === undefined ? hoursPerMonth : positive("hours", hours, 24 * 366),
  };
}
