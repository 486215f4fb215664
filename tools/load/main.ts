import { writeFileSync } from "node:fs";
import { run } from "../cli/run";
import { block } from "../render/text";
import { readArguments, usage } from "./arguments";
import { load } from "./load";
import { sections } from "./sections";

run(async () => {
  const asked = readArguments(process.argv.slice(2));
  if (asked === undefined) return console.log(usage);
  const recording = await load(asked);
  if (asked.save !== undefined) writeFileSync(asked.save, `${JSON.stringify(recording, null, 2)}\n`);
  const silent = recording.lanes.some(({ steps }) => steps.every(({ requests, errors }) => requests === errors));
  if (silent) process.exitCode = 1;
  console.log(sections(recording).map(block).join("\n\n"));
});
