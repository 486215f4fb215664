import { resolve } from "node:path";
import { runTiers } from "./tiers";

/** Runs all tiers and prints a summary line. */
async function main(): Promise<void> {
  const { passed, failed, skipped } = await runTiers(resolve(process.argv[2] ?? `${__dirname}/../..`));
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

void main();
