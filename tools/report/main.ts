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

const usage = `npm run report -- [URL] --stack <name> [--ramp] [--rps 5] [--baseline report.json] [--out report]
npm run report -- --stack <name> --load <file.json> ...

Puts load on a stack as npm run load does, with all its options, or takes what that saved; works out the costs as
npm run compare does; and writes both as report.html, report.md and report.json into the folder of --out.
With --baseline, an earlier report.json, it says what has changed since.
With a URL of this machine the load goes there, and only the costs are those of the stack, which need not be deployed.

Examples:
  npm run report -- --stack dev --ramp                   a deployed stack
  npm run report -- http://127.0.0.1:8080 --stack dev    a server on this machine, as npm start runs it
  npm run report -- --stack dev --load load.json         what npm run load -- … --save load.json measured`;

const options = { ...loadOptions, load: text, baseline: text, out: { ...text, default: "report" }, help };

run(async () => {
  const { values, positionals } = positionalsOf(process.argv.slice(2), options, usage);
  if (values.help) return console.log(usage);
  const { stack, out } = values;
  if (stack === undefined) throw new UserError(`--stack is missing: it says of which stack the costs are\n\n${usage}`);
  refuseUnknownStack(stack);
  // Before the load, which takes minutes.
  const baseline =
    values.baseline === undefined ? undefined : readJson<Report>("baseline", values.baseline, reportFault);
  refuseOther(stack, "baseline", baseline?.comparison.stack);
  if (values.load !== undefined && (positionals.length > 0 || values.ramp))
    throw new UserError("--load takes what was measured before; a URL and --ramp are for measuring now");
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

/** On this machine there is nothing of the stack to look up. */
function withoutStackHere(asked: AskedLoad): AskedLoad {
  return asked.url && isThisMachine(asked.url) ? { ...asked, stack: undefined } : asked;
}

/** Figures of two stacks in one report would be compared by whoever reads it. */
function refuseOther(stack: string, option: string, other: string | undefined): void {
  if (other !== undefined && other !== stack)
    throw new UserError(`--${option} is of stack ${other}; --stack is ${stack}`);
}
