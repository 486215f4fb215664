import { writeFileSync } from "node:fs";
import { readMeasurement } from "../../components/pricing";
import { runsOnAws } from "../../components/targets";
import { readJson } from "../cli/json-file";
import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { projectFolder, refuseUnknownStack } from "../stack/file";
import { faultOf, type Recording } from "./recording";
import { report } from "./report";

const usage = `npm run rightsize -- --stack <name> [--days 7] [--save <file.json>]
npm run rightsize -- --from <file.json>

Compares what the replicas used with the declared size, and prints the next
smaller and the next larger size with what each saves or costs. Reads CloudWatch
with the sign-in of the stack, or a recording (--from). Changes nothing.`;

/** CloudWatch keeps hourly values for fifteen months. */
const mostDays = 455;

async function main(): Promise<void> {
  const options = { stack: text, days: text, from: text, save: text, help };
  const { stack, days, from, save, help: asks } = optionsOf(process.argv.slice(2), options, usage);
  if (asks) {
    console.log(usage);
    return;
  }
  const recording = from === undefined ? await recorded(stack, days) : readJson<Recording>("from", from, faultOf);
  if (save !== undefined) writeFileSync(save, `${JSON.stringify(recording, null, 2)}\n`);
  console.log(report(recording, readMeasurement(projectFolder, recording.stack)));
}

async function recorded(stack: string | undefined, given = "7"): Promise<Recording> {
  if (stack === undefined) throw new UserError(`--stack or --from is missing\n\n${usage}`);
  refuseUnknownStack(stack);
  const days = Number(given);
  if (!Number.isInteger(days) || days < 1 || days > mostDays)
    throw new UserError(`--days is ${given}; expected a whole number from 1 to ${mostDays}`);
  // The program takes seconds to load, and --from does not need it.
  const [{ stackSettings }, { deployedStack }, { record }] = await Promise.all([
    import("../stack/settings"),
    import("../stack/deployed"),
    import("./cloudwatch"),
  ]);
  const settings = stackSettings(stack);
  if (!runsOnAws(settings.target))
    throw new UserError(`--stack is ${stack}, which runs on this machine; expected a stack on AWS`);
  return record(await deployedStack(stack), settings, days);
}

run(main);
