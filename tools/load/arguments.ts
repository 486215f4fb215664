import { help as asksForHelp, flag, positionalsOf, positive, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import { withoutType } from "./request-folder";
import { type AskedRequest, bodyOptions } from "./request-template";

export const requestUsage = `The request (default: the photos in app/photos, to POST /predict):
--path            for example /v1/predict
--body            text, sent as application/json
--file            one file; its ending gives the type
--form            a field of a multipart form: name=value or name=@file; may be
                  repeated
--requests        a folder, sent in turns; each file is one body, or a whole
                  request if it is named *.request.json:
                  {"method": "POST", "path": "/v1/x", "headers": {}, "body": {}}
--type            the content type, if the default is wrong
--method          default POST with a body, GET without
--header          for example 'x-api-key: …'; may be repeated
The first request must be answered with 2xx, otherwise no load is sent.`;

export const usage = `npm run load -- [URL] [--stack <name>] [--variants ecs,eks] [--rps 5]
                [--seconds 60] [the request]
npm run load -- [URL] [--stack <name>] --ramp [--p99 1000] ...

Sends requests at a constant rate, whether or not earlier requests are answered,
and prints the latencies. --rps is the rate of each variant.
--ramp            find the highest rate whose 99th percentile stays below --p99
                  (ms), starting at --rps, with --seconds for each step (20)
--stack           take the URL and the variants from the outputs of the stack,
                  and watch its replicas
--save            write the measurements to a JSON file
--yes-i-own-it    allow a host other than this machine and the stack's host

${requestUsage}

Examples:
  npm run load -- --stack dev --rps 5             all variants of a stack
  npm run load -- http://127.0.0.1:8080 --ramp    the replica of npm start
  npm run load -- http://127.0.0.1:9000 --path /v1/predict --body '{"x": [1]}'
  npm run load -- --stack dev --path /transcribe --form file=@talk.wav
  npm run load -- --stack dev --path /v1/predict --requests samples/
  npm run load -- http://127.0.0.1:8080 --save here.json
      then: npm run report -- --stack dev --load here.json`;

export interface AskedLoad {
  readonly url?: URL;
  readonly stack?: string;
  readonly variants?: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  /** With a limit, load searches for the highest rate within it. Without one, the rate is constant. */
  readonly p99LimitMs?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: AskedRequest;
  readonly owned: boolean;
}

/** The options of every command that sends requests. */
export const requestOptions = {
  method: text,
  path: text,
  type: text,
  body: text,
  file: text,
  form: { ...text, multiple: true },
  requests: text,
  header: { ...text, multiple: true },
  "yes-i-own-it": flag,
} as const;

/** The options of every command that sends load. */
export const loadOptions = {
  ...requestOptions,
  stack: text,
  variants: text,
  rps: { ...text, default: "5" },
  seconds: text,
  ramp: flag,
  p99: text,
} as const;

export function readArguments(args: string[]) {
  const options = { ...loadOptions, save: text, help: asksForHelp };
  const { values, positionals } = positionalsOf(args, options, usage);
  if (values.help) return undefined;
  return { ...askedLoad(values, positionals, usage), save: values.save };
}

interface GivenRequest extends AskedRequest {
  readonly header?: readonly string[];
}

interface Given extends GivenRequest {
  readonly stack?: string;
  readonly variants?: string;
  readonly rps: string;
  readonly seconds?: string;
  readonly ramp?: boolean;
  readonly p99?: string;
  readonly "yes-i-own-it"?: boolean;
}

export function askedLoad(given: Given, [address, second]: readonly string[], usage: string): AskedLoad {
  const { stack, ramp = false } = given;
  if (second !== undefined) throw new UserError(`${second} is a second URL; expected one\n\n${usage}`);
  if (address === undefined && stack === undefined) throw new UserError(`a URL or --stack is missing\n\n${usage}`);
  if (given.p99 !== undefined && !ramp) throw new UserError("--p99 needs --ramp");
  return {
    stack,
    url: address === undefined ? undefined : readUrl(address),
    variants: given.variants?.split(","),
    perSecond: positive("rps", given.rps, 100_000),
    seconds: positive("seconds", given.seconds ?? (ramp ? "20" : "60"), 86_400),
    p99LimitMs: ramp ? positive("p99", given.p99 ?? "1000", 30_000) : undefined,
    ...askedRequest(given),
    owned: given["yes-i-own-it"] ?? false,
  };
}

/** A content-type among the headers counts as --type. */
export function askedRequest(given: GivenRequest): Pick<AskedLoad, "headers" | "request"> {
  const { method, path, body, file, form, requests, header = [] } = given;
  const { type: ofHeader, others } = withoutType(Object.fromEntries(header.map(readHeader)));
  const request = { method, path, type: given.type ?? ofHeader, body, file, form, requests };
  const [first, second] = bodyOptions.filter((option) => request[option] !== undefined);
  if (second !== undefined) throw new UserError(`--${first} and --${second}: expected only one of them`);
  if (first === undefined && request.type !== undefined)
    throw new UserError(`--type is ${request.type}, but there is no body; add --body, --file or --requests`);
  if (path !== undefined && !path.startsWith("/"))
    throw new UserError(`--path is ${path}; expected one such as /v1/predict`);
  if (method !== undefined && !/^[A-Z]+$/.test(method))
    throw new UserError(`--method is ${method}; expected one such as POST`);
  return { headers: others, request };
}

export function readUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UserError(`the URL is ${address}; expected one such as http://127.0.0.1:8080`);
}

function readHeader(header: string): [string, string] {
  const [, name, value] = /^([\w-]+):\s*(.+)$/.exec(header) ?? [];
  // Not printed: headers hold API keys.
  if (name === undefined || value === undefined) throw new UserError("a --header is not of the form 'name: value'");
  return [name, value];
}
