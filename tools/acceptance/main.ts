import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../cli/run";
import { projectFolder } from "../stack/file";
import { agree } from "./agree";
import { readArguments, usage } from "./arguments";
import { Interrupts } from "./interrupts";
import { type Prepared, prepare } from "./prepare";
import { isDone, ProgressFile } from "./progress";
import { interruptRunning } from "./pulumi";
import { createStack, realTools } from "./real-tools";
import { html, markdown, verdict } from "./render";
import { reportOf } from "./report";
import { runStory } from "./run";

const folder = join(projectFolder, "acceptance");

async function main(): Promise<void> {
  const asked = readArguments(process.argv.slice(2));
  if (asked === undefined) return console.log(usage);
  const prepared = await prepare(asked, folder);
  const { progress: begun, copy, steps, isNew } = prepared;
  const { stack } = begun;
  await agree(asked, prepared);
  if (isNew) await createStack(stack, folder);
  const progress = new ProgressFile(folder);
  progress.save(begun);
  const interrupts = new Interrupts(() => leaveAtOnce(stack));
  const stop = interrupts.listen(process, [process.stdout, process.stderr]);
  interrupts.signal.addEventListener("abort", () =>
    console.error("\nCtrl-C: the step ends what it has begun. A second Ctrl-C leaves at once."),
  );
  try {
    const tools = realTools({ stack, asked, copy, progress, interrupt: () => interrupts.came() });
    await runStory({ steps, progress, tools, interrupted: interrupts.signal, yes: asked.yes, keep: asked.keep });
  } finally {
    stop();
    report(progress, prepared);
  }
}

function report(progress: ProgressFile, { steps }: Prepared): void {
  const facts = reportOf(progress.now, steps);
  mkdirSync(folder, { recursive: true });
  const written = {
    "report.html": html(facts),
    "report.md": `${markdown(facts)}\n`,
    "report.json": `${JSON.stringify(facts, null, 2)}\n`,
  };
  for (const [name, content] of Object.entries(written)) writeFileSync(join(folder, name), content);
  console.log(`\n${verdict(facts)}\nWrote ${join("acceptance", "report.html")}, .md and .json`);
  if (!facts.isMet) process.exitCode = 1;
  const { stack, source } = progress.now;
  if (isDone(progress.now, "destroy")) return;
  console.log(`Stack ${stack} still runs. Go on: npm run acceptance -- --stack ${source} --resume\n${cleaning(stack)}`);
}

const cleaning = (stack: string) =>
  `Clean up:\n  pulumi cancel --stack ${stack} --yes\n  pulumi destroy --stack ${stack} --yes\n  pulumi stack rm ${stack} --yes`;

/** The record of the last finished step is on the disk. */
function leaveAtOnce(stack: string): void {
  interruptRunning();
  console.error(`\n${cleaning(stack)}`);
  process.exit(130);
}

run(main);
