import { resolve } from "node:path";
import { type Counts, runTier, tiersOf } from "./support/tiers";

/** Runs every tier there is and ends with one line over all of them; a failing tier does not keep the next from running. */
async function main(): Promise<void> {
  const root = resolve(process.argv[2] ?? `${__dirname}/..`);
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const tier of tiersOf(root)) {
    console.log(`\n== ${tier}`);
    const startedMs = Date.now();
    const { passed, failed, skipped } = await runTier(root, tier);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    console.log(`== ${tier}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

void main();
