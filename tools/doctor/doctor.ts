import { totalOf } from "../check-image/report";
import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { type Check, type Diagnosis, diagnose, linesOfDiagnosis } from "./check";
import { checksOf } from "./checks";
import { runHere } from "./machine";
import { chosenStack, readStackFile } from "./stack-file";

const usage = `npm run doctor -- [--stack <name>]

Checks what pulumi up needs: the tools of this machine, the stack file, the
stack in its backend, and the AWS account. Changes nothing. Without credentials
it prints what it did not check.

Without --stack, the stack that Pulumi has selected, otherwise dev.
Exit codes: 0 nothing that stops pulumi up was found, 1 something was.`;

/** The engine starts a provider for the checks of the account. */
const limitSeconds = 30;

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2), { stack: text, help }, usage);
  if (options.help) return console.log(usage);
  const stack = await chosenStack(options.stack, (args) => runHere("pulumi", args));
  console.log(`Stack ${stack}\n`);
  const found = await printAll(checksOf(await readStackFile(stack), AbortSignal.timeout(limitSeconds * 1000)));
  const problems = found.filter(({ verdict }) => verdict === "problem").length;
  console.log(`\n${totalOf(found)}.${problems === 0 ? ` Next: pulumi up --stack ${stack}` : ""}`);
  if (problems > 0) console.log("This is for pulumi up. npm start, on this machine, needs only Node.");
  // A check that took too long has left its child behind.
  process.exit(problems === 0 ? 0 : 1);
}

/** Side by side, each printed when those before it are. */
async function printAll(checks: readonly Check[]): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { name, result } of checks.map((check) => ({ name: check.name, result: diagnose(check, limitSeconds) }))) {
    for (const diagnosis of await result) {
      console.log(linesOfDiagnosis(name, diagnosis).join("\n"));
      found.push(diagnosis);
    }
  }
  return found;
}

run(main);
