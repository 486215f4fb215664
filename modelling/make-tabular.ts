import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../app/src/fatal-error";
import { runCommand } from "./command";
import { tabularFolder, tabularModels } from "./tabular-models";

runCommand(async (args) => {
  if (args.length > 0) throw new FatalError("usage: npm run tabular");
  await mkdir(tabularFolder, { recursive: true });
  for (const [file, bytes] of tabularModels()) await writeFile(path.join(tabularFolder, file), bytes);
});
