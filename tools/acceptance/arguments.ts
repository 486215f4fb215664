import { digestReference } from "../../components/settings/image";
import { help as asksForHelp, flag, optionsOf, positive, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import { type AskedLoad, askedRequest, requestOptions, requestUsage } from "../load/arguments";

export const usage = `npm run acceptance -- --stack <name> [--rps 5] [--seconds 60] [the request]
                    [--image2 repository@sha256:...]
                    [--yes] [--max-cost USD] [--keep] [--resume]

Runs the whole story on your AWS account, as you would by hand: preview, up,
try, load, a flip under load, both platforms, a new image, a broken one, the way
back, destroy. It counts every request and writes acceptance/report.html, .md
and .json.

It works on a stack of its own, <name>-acceptance, with the keys of
Pulumi.<name>.yaml. It never changes the stack <name>. Before it starts it
prints about what the run costs by list prices, and asks. It takes about two to
three hours.
--rps             requests/s while something changes
--seconds         how long the load before the first change lasts
--image2          the second image, if the stack file names one with image.
                  Without it the folder of build is built again, with another
                  VERSION.
--yes             do not ask, and destroy the stack after a failure
--max-cost        refuse a run whose estimate is higher
--keep            after a failure or Ctrl-C, leave the stack as it is
--resume          go on with the run in acceptance/progress.json, at its --rps
Ctrl-C ends the step, destroys the stack and writes the report. In a terminal it
asks first, as after a failure; Enter means yes. A second Ctrl-C leaves at
once and prints the commands that clean up.
Exit code 0 only if every step did what it must and no request was lost.

${requestUsage}`;

export interface Arguments {
  readonly stack: string;
  readonly image2?: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly load: Pick<AskedLoad, "headers" | "request">;
  readonly yes: boolean;
  readonly maxCostUsd?: number;
  readonly keep: boolean;
  readonly resume: boolean;
}

const { "yes-i-own-it": _, ...ofRequest } = requestOptions;

const options = {
  ...ofRequest,
  stack: text,
  image2: text,
  rps: { ...text, default: "5" },
  seconds: { ...text, default: "60" },
  yes: flag,
  "max-cost": text,
  keep: flag,
  resume: flag,
  help: asksForHelp,
} as const;

export function readArguments(args: string[]): Arguments | undefined {
  const given = optionsOf(args, options, usage);
  if (given.help) return undefined;
  const { stack, image2, "max-cost": maxCost } = given;
  if (stack === undefined) throw new UserError(`--stack is missing\n\n${usage}`);
  if (image2 !== undefined && !digestReference.test(image2))
    throw new UserError(`--image2 is ${image2}; expected repository@sha256:<64 hex digits>`);
  return {
    stack,
    image2,
    perSecond: positive("rps", given.rps, 1_000),
    seconds: positive("seconds", given.seconds, 3_600),
    load: askedRequest(given),
    yes: given.yes ?? false,
    ...(maxCost !== undefined && { maxCostUsd: positive("max-cost", maxCost, 1_000_000) }),
    keep: given.keep ?? false,
    resume: given.resume ?? false,
  };
}
