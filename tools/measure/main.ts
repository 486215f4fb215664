import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measurementFile } from "../../components/pricing";
import { run } from "../cli/run";
import { sections } from "../load/sections";
import { block, width, wrap } from "../render/text";
import { projectFolder } from "../stack/file";
import { stackSettings } from "../stack/settings";
import { readArguments, usage } from "./arguments";
import { measure } from "./measure";
import { changedReplicas } from "./measurement";

run(async () => {
  const asked = readArguments(process.argv.slice(2));
  if (asked === undefined) return console.log(usage);
  // An interrupted measurement still removes its container.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1));
  const { measurement, recording } = await measure(asked, stackSettings(asked.stack));
  const file = measurementFile(asked.stack);
  writeFileSync(join(projectFolder, file), `${JSON.stringify(measurement, null, 2)}\n`);
  console.log(sections(recording).map(block).join("\n\n"));
  const { requestsPerSecondPerVcpu: rate, subject, p99LimitMs } = measurement;
  const notes = [
    `${subject}: ${rate} requests/s per vCPU with p99 within ${p99LimitMs} ms. Wrote ${file}; commit it. npm run compare -- --stack ${asked.stack} uses it.`,
    ...(changedReplicas(recording)
      ? [
          "Replicas joined or left during that step. For an exact figure set replicas.min and replicas.max to the same number.",
        ]
      : []),
  ];
  console.log(`\n${notes.flatMap((note) => wrap(note, width)).join("\n")}`);
});
