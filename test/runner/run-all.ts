import { resolve } from "node:path";
import { runTiers } from "./tiers";

/** Runs every tier there is and ends with one line over all of them. */
async function main(): Promise<void> {
  const { passed, failed, skipped } = await runTiers(resolve(process.argv[2] ?? `${__dirname}/../..`));
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

void main();
