import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hoursPerMonth } from "../../components/pricing";
import { readJson } from "../cli/json-file";
import { help, positionalsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { compare } from "../compare/comparison";
import { type AskedLoad, askedLoad, loadOptions } from "../load/arguments";
import { load } from "../load/load";
import { isThisMachine } from "../load/ownership";
import { faultOf, type Recording } from "../load/recording";
import { refuseUnknownStack } from "../stack/file";
import { html, markdown } from "./render";
import { measuredLoads, type Report, reportFault } from "./report";

const usage = `npm run report -- [URL] --stack <name> [--ramp] [--rps 5]
                  [--baseline report.json] [--out report]
npm run report -- --stack <name> --load <file.json> ...

Sends load to a stack like npm run load, with the same options, or reads a saved
measurement (--load). Works out the costs like npm run compare. Writes both as
report.html, report.md and report.json into the folder --out.
--baseline    an earlier report.json; the report lists what changed since
With a URL on this machine the stack need not be deployed: the load goes to that
URL, and the stack supplies the costs.

Examples:
  npm run report -- --stack dev --ramp                   a deployed stack
  npm run report -- http://127.0.0.1:8080 --stack dev    a local replica
  npm run report -- --stack dev --path /v1/predict --requests samples/
  npm run report -- --stack dev --load load.json
      after: npm run load -- --stack dev --save load.json`;

const options = { ...loadOptions, load: text, baseline: text, out: { ...text, default: "report" }, help };

run(async () => {
  const { values, positionals } = positionalsOf(process.argv.slice(2), options, usage);
  if (values.help) return console.log(usage);
  const { stack, out } = values;
  if (stack === undefined) throw new UserError(`--stack is missing; expected the stack to price\n\n${usage}`);
  refuseUnknownStack(stack);
  // Before the load, which takes minutes.
  const baseline =
    values.baseline === undefined ? undefined : readJson<Report>("baseline", values.baseline, reportFault);
  refuseOther(stack, "baseline", baseline?.comparison.stack);
  if (values.load !== undefined && (positionals.length > 0 || values.ramp))
    throw new UserError("--load reads a saved measurement; leave out the URL and --ramp");
  const recording =
    values.load === undefined
      ? await load(withoutStackHere(askedLoad(values, positionals, usage)))
      : readJson<Recording>("load", values.load, faultOf);
  refuseOther(stack, "load", recording.stack);
  const comparison = await compare({ stack, hours: hoursPerMonth, loads: measuredLoads(recording) });
  const report: Report = { comparison, load: recording };
  const written = {
    "report.html": html(report, baseline),
    "report.md": `${markdown(report, baseline)}\n`,
    "report.json": `${JSON.stringify(report, null, 2)}\n`,
  };
  mkdirSync(out, { recursive: true });
  for (const [name, content] of Object.entries(written)) {
    writeFileSync(join(out, name), content);
    console.log(`wrote ${join(out, name)}`);
  }
});

/** A load on this machine has no deployed stack to read. */
function withoutStackHere(asked: AskedLoad): AskedLoad {
  return asked.url && isThisMachine(asked.url) ? { ...asked, stack: undefined } : asked;
}

/** Readers would compare the figures of two stacks in one report. */
function refuseOther(stack: string, option: string, other: string | undefined): void {
  if (other !== undefined && other !== stack)
    throw new UserError(`--${option} is a file of stack ${other}; expected ${stack}, as in --stack`);
}
