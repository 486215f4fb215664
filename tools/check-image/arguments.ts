import { type PresetName, presetNames } from "../../components/core/presets";
import { help as asksForHelp, flag, positionalsOf, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import { askedRequest, requestOptions } from "../load/arguments";
import type { AskedRequest } from "../load/request-template";
import { refuseUnknownStack } from "../stack/file";

export const usage = `npm run check-image -- [IMAGE | FOLDER] [--stack <name>] [--preset fastapi]
                       [--write] [a request]

Runs an image, or builds a folder with a Dockerfile and runs that, in Docker on
this machine under the limits of a task. Prints what fits ECS and EKS, what does
not, and the keys to set. Nothing is sent to AWS. Takes about 75 s.

IMAGE, FOLDER     default: what the stack runs or builds
--stack           take cpu, memory, container, environment and build from
                  Pulumi.<stack>.yaml (default: the defaults of the keys).
                  Secrets come from variables of this shell by the same name
--preset          ${presetNames.slice(0, 7).join(", ")},
                  ${presetNames.slice(7).join(", ")}
                  (default: the stack's, or a guess from the image)
--write           write the keys into Pulumi.<stack>.yaml

A request, to check answers, memory and SIGTERM with it:
--path            for example /v1/predict
--body            text, sent as application/json
--file            one file; its ending gives the type
--form            a field of a multipart form: name=value or name=@file; may be
                  repeated
--type, --method, --header, --requests     as npm run load takes them

The exit code is 1 if a problem was found.

Examples:
  npm run check-image -- ghcr.io/team/model:1.4 --preset fastapi
  npm run check-image -- ../model-server --stack dev --write \\
      --path /v1/predict --body '{"x": [1]}'`;

export interface AskedCheck {
  /** An image or a folder. Absent: what the stack runs. */
  readonly place?: string;
  readonly stack?: string;
  readonly preset?: PresetName;
  readonly write: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none of its options was given. */
  readonly request?: AskedRequest;
}

const { "yes-i-own-it": _, ...ofRequest } = requestOptions;
const options = { ...ofRequest, stack: text, preset: text, write: flag, help: asksForHelp } as const;

export function readArguments(args: string[]): AskedCheck | undefined {
  const { values, positionals } = positionalsOf(args, options, usage);
  const { help, stack, write = false } = values;
  if (help) return undefined;
  const [place, second] = positionals;
  if (second !== undefined) throw new UserError(`${second} is a second image; expected one\n\n${usage}`);
  if (place === undefined && stack === undefined)
    throw new UserError(`an image, a folder or --stack is missing\n\n${usage}`);
  if (stack !== undefined) refuseUnknownStack(stack);
  if (write && stack === undefined) throw new UserError("--write needs --stack: the file to write to");
  const { headers, request } = askedRequest(values);
  const isGiven = Object.values(request).some((value) => value !== undefined);
  const preset = readPreset(values.preset);
  return {
    ...(place !== undefined && { place }),
    ...(stack !== undefined && { stack }),
    ...(preset !== undefined && { preset }),
    write,
    headers,
    ...(isGiven && { request }),
  };
}

function readPreset(given: string | undefined): PresetName | undefined {
  const known = presetNames.find((name) => name === given);
  if (given === undefined || known !== undefined) return known;
  throw new UserError(`--preset is ${given}; expected one of ${presetNames.join(", ")}`);
}
