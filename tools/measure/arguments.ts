import { isFolder } from "../check-image/image";
import { help as asksForHelp, positionalsOf, positive, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import { type AskedLoad, askedRequest, readUrl, requestOptions, requestUsage } from "../load/arguments";
import { refuseUnknownStack } from "../stack/file";

export const usage = `npm run measure -- --stack <name> [URL --cpu 1024 | IMAGE] [--variant ecs]
                   [--p99 1000] [--rps 5] [--seconds 20] [the request]

Finds the highest rate of one replica with a 99th percentile within a limit, and
writes Pulumi.<stack>.measured.json beside the stack file. npm run compare,
pulumi up and the tables of npm run docs then use its figures. Commit the file.

Measures the deployed stack through its load balancer, or:
URL               a server on this machine that has --cpu units (1024 is 1 vCPU)
IMAGE             a container of this image, run by Docker on this machine with
                  the limits and the variables of the stack; without its secrets
--variant         which variant of the deployed stack, if it has several
--p99             the limit in ms (alarms.p99Seconds of the stack)
--rps, --seconds  the first rate, and the length of each step (5, 20)
--yes-i-own-it    allow a host other than this machine and the stack's host

${requestUsage}

Examples:
  npm run measure -- --stack dev
  npm run measure -- --stack dev http://127.0.0.1:8080 --cpu 1024
  npm run measure -- --stack dev ghcr.io/team/model:1.4 --path /v1/predict \\
      --requests samples/`;

export interface AskedMeasure extends Pick<AskedLoad, "headers" | "request" | "owned" | "perSecond" | "seconds"> {
  readonly stack: string;
  /** Without one, the deployed stack. */
  readonly place?: { readonly url: URL; readonly cpuUnits: number } | { readonly image: string };
  readonly variant?: string;
  readonly p99LimitMs?: number;
}

const options = {
  ...requestOptions,
  stack: text,
  variant: text,
  cpu: text,
  p99: text,
  rps: { ...text, default: "5" },
  seconds: { ...text, default: "20" },
  help: asksForHelp,
} as const;

export function readArguments(args: string[]): AskedMeasure | undefined {
  const { values, positionals } = positionalsOf(args, options, usage);
  const [place, second] = positionals;
  const { help, stack, variant, cpu, p99, rps, seconds } = values;
  if (help) return undefined;
  if (stack === undefined) throw new UserError(`--stack is missing; expected the stack to measure for\n\n${usage}`);
  refuseUnknownStack(stack);
  if (second !== undefined) throw new UserError(`${second} is a second URL or image; expected one\n\n${usage}`);
  if (place !== undefined && variant !== undefined)
    throw new UserError(`--variant is ${variant}, and ${place} is not the deployed stack; leave one of them out`);
  return {
    stack,
    variant,
    place: placeOf(place, cpu),
    perSecond: positive("rps", rps, 100_000),
    seconds: positive("seconds", seconds, 86_400),
    ...(p99 !== undefined && { p99LimitMs: positive("p99", p99, 30_000) }),
    ...askedRequest(values),
    owned: values["yes-i-own-it"] ?? false,
  };
}

function placeOf(place: string | undefined, cpu: string | undefined): AskedMeasure["place"] {
  const isUrl = place?.includes("://") ?? false;
  if (cpu !== undefined && !isUrl)
    throw new UserError(`--cpu is ${cpu}; it goes with a URL. The stack has its own cpu`);
  if (place === undefined) return undefined;
  if (!isUrl && isFolder(place))
    throw new UserError(
      `${place} is a folder; expected an image: docker build --tag model:1 ${place}, then give model:1 in its place`,
    );
  if (!isUrl) return { image: place };
  if (cpu === undefined)
    throw new UserError(`--cpu is missing; expected the CPU units that the server at ${place} has, for example 1024`);
  return { url: readUrl(place), cpuUnits: positive("cpu", cpu, 1_048_576) };
}
