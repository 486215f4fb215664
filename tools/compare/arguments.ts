import { hoursPerMonth } from "../../components/pricing";
import { flag, help, optionsOf, positive, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import { refuseUnknownStack } from "../stack/file";
import type { Asked } from "./comparison";

export const usage = `npm run compare -- [--stack prod] [--rps 40] [--hours 730] [--per-replica 20]
                   [--image-mb 900] [--json | --html | --md] [--out FILE]

Compares the cost and the start times of a stack on Fargate and on EC2 under EKS
Auto Mode. Reads its settings only: no AWS account, no Pulumi CLI.
--rps          Expected requests/s. Default: the load that the mean of
               replicas.min and replicas.max carries.
--per-replica  Highest requests/s of one replica with your model, as measured by
               npm run load -- --ramp. Default: the file that npm run measure
               wrote for the stack, otherwise ResNet50 in fp32.
--image-mb     Size of your image in MB, for the time to pull it and for ECR.
               Default: as measured, otherwise 350, the budget of the built-in
               image.
--out          Writes a file. Its ending (.html, .md, .json) is the format.`;

const formats = ["json", "html", "md"] as const;
type Format = (typeof formats)[number] | "text";

export interface Arguments extends Asked {
  readonly format: Format;
  readonly out?: string;
  readonly help: boolean;
}

export function readArguments(args: string[]): Arguments {
  const figures = { rps: text, hours: text, "per-replica": text, "image-mb": text } as const;
  const options = { stack: text, ...figures, json: flag, html: flag, md: flag, out: text, help };
  const { stack = "prod", rps, hours, out, help: asks = false, ...chosen } = optionsOf(args, options, usage);
  const { "per-replica": perReplica, "image-mb": imageMb } = chosen;
  const [format = endingOf(out), second] = formats.filter((each) => chosen[each]);
  if (second) throw new UserError(`--${format} and --${second}: expected only one of them`);
  refuseUnknownStack(stack);
  return {
    stack,
    format,
    help: asks,
    ...(out !== undefined && { out }),
    requestsPerSecond: rps === undefined ? undefined : positive("rps", rps, 1_000_000),
    ...(perReplica !== undefined && { perReplica: positive("per-replica", perReplica, 1_000_000) }),
    ...(imageMb !== undefined && { imageMb: positive("image-mb", imageMb, 100_000) }),
    hours: hours === undefined ? hoursPerMonth : positive("hours", hours, 24 * 366),
  };
}

const endingOf = (file = ""): Format => formats.find((format) => file.endsWith(`.${format}`)) ?? "text";
