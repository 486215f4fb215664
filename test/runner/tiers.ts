import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Minutes {
  /** A tier that takes longer is ended. */
  readonly limit: number;
  /** Expected duration on two cores. Exceeding it prints a line but fails nothing. */
  readonly target?: number;
}

/** Every tier by the npm script that runs it, from fast to slow. The last one rests on what the two before it prove. */
const tiers: Record<string, Minutes> = {
  types: { limit: 5 },
  lint: { limit: 2 },
  "test:unit": { limit: 15 },
  "test:app": { limit: 10 },
  "test:modelling": { limit: 5 },
  "test:slow": { limit: 20 },
  "test:browser": { limit: 10 },
  "test:engine": { limit: 35, target: 10 },
  "test:container": { limit: 20 },
  "test:emulator": { limit: 40, target: 15 },
  "test:cluster": { limit: 35, target: 12 },
};
/** CI ends a run after 90 minutes. */
const all: Minutes = { limit: 85, target: 47 };

const graceMs = 15_000;
const interruptions: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/**
 * Sums the counts that mocha prints at its end; a tier may run it several times. Quoted output is indented further and does not
 * match. A tier without mocha counts as one test, which passed if it exited with 0.
 */
export function countsOf(output: string, exitCode: number | null): Counts {
  const countsIn = (word: string) =>
    [...output.matchAll(new RegExp(`^ {2}(\\d+) ${word}\\b`, "gm"))].map(([, count]) => Number(count));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const [passing, failed, skipped] = [countsIn("passing"), sum(countsIn("failing")), sum(countsIn("pending"))];
  if (exitCode !== 0 && failed === 0) return { passed: sum(passing), failed: 1, skipped };
  return { passed: passing.length === 0 && failed === 0 ? 1 : sum(passing), failed, skipped };
}

/** The titles that mocha numbers at its end. A line for each, so that the end of a long output says what failed. */
export function failedTests(output: string): string[] {
  const [, ...reports] = output.split(/^ {2}\d+ failing$/m);
  const titles = reports.flatMap((report) => [...report.matchAll(/^ {2}\d+\) ((?:.+\n)*?.+):$/gm)]);
  return titles.map(([, title = ""]) => title.replace(/\n\s+/g, ": "));
}

/** Tiers of this project: those whose npm script exists. */
function tiersOf(root: string): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts?: Record<string, string>;
  };
  return Object.keys(tiers).filter((tier) => tier in scripts);
}

/** A line when the duration exceeds the target; none otherwise. */
export function tooSlow(what: string, { target }: Pick<Minutes, "target">, seconds: number): string[] {
  if (target === undefined || seconds <= target * 60) return [];
  return [`== SLOW: ${what} took ${seconds} s; its target is ${target} min (${target * 60} s)`];
}

const secondsSince = (startMs: number) => Math.round((Date.now() - startMs) / 1000);

/** Runs every tier, also after a failed one, until the time for all of them is used up. */
export async function runTiers(root: string, limitMs = all.limit * 60_000): Promise<Counts> {
  const firstMs = Date.now();
  const endMs = firstMs + limitMs;
  const notes: string[] = [];
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const tier of tiersOf(root)) {
    console.log(`\n== ${tier}`);
    const startedMs = Date.now();
    const { passed, failed, skipped, failures } = await runTier(root, tier, endMs - startedMs);
    const seconds = secondsSince(startedMs);
    console.log(`== ${tier}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
    notes.push(...failures.map((title) => `== FAILED: ${tier}: ${title}`));
    if (skipped > passed + failed) notes.push(`== SKIPPED: most of ${tier}; its output above says why`);
    notes.push(...tooSlow(tier, tiers[tier] ?? {}, seconds));
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  for (const line of [...notes, ...tooSlow("all tiers", all, secondsSince(firstMs))]) console.log(line);
  return total;
}

/** Runs one tier and prints its output as it arrives. */
function runTier(root: string, tier: string, leftMs: number): Promise<Counts & { readonly failures: string[] }> {
  if (leftMs <= 0) {
    console.error(`${tier} was not run: earlier tiers used up the time for all tiers`);
    return Promise.resolve({ passed: 0, failed: 1, skipped: 0, failures: ["no time left"] });
  }
  const limitMs = Math.min((tiers[tier]?.limit ?? 10) * 60_000, leftMs);
  return new Promise((resolve) => {
    // Standard error joins the output, so that both stay in order. A process group of its own ends with its children.
    const command = `npm run --silent ${tier} 2>&1`;
    const child = spawn("sh", ["-c", command], { cwd: root, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const signal = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // The whole group has already ended.
      }
    };
    // SIGTERM first: tiers stop the servers that they started.
    const endAll = () => {
      signal("SIGTERM");
      setTimeout(() => signal("SIGKILL"), graceMs).unref();
    };
    const stop = () => {
      endAll();
      setTimeout(() => process.exit(130), graceMs);
    };
    for (const interruption of interruptions) process.once(interruption, stop);
    let output = "";
    const limit = setTimeout(() => {
      console.error(`${tier} took over ${Math.round(limitMs / 1000)} s and was ended`);
      endAll();
    }, limitMs);
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on("error", (error) => {
      output += `${tier} could not be started: ${error.message}\n`;
      console.error(output);
    });
    child.on("close", (exitCode) => {
      clearTimeout(limit);
      for (const interruption of interruptions) process.off(interruption, stop);
      const counts = countsOf(output, exitCode);
      const named = failedTests(output);
      const ending = exitCode === null ? "ended by a signal" : `exit code ${exitCode}`;
      resolve({ ...counts, failures: counts.failed > 0 && named.length === 0 ? [ending] : named });
    });
  });
}
