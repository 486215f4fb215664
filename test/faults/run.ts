import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../support/engine/cli";
import { ProjectCopy } from "../support/engine/project-copy";
import { Runner } from "../support/engine/runner";
import { onEnd } from "../support/on-end";
import { type Fault, faults } from "./faults";

/** No suite takes longer, not even on a busy machine. */
const limitMs = 30 * 60_000;

/** What the suites need besides the program. */
const further = ["test", "docs", "README.md", ".mocharc.json", "package-lock.json"];

interface Outcome {
  readonly seconds: number;
  readonly caught: boolean;
  readonly output: string;
}

/** Puts the fault into a copy of the project and runs the suite that has to fail of it, up to its first failure. */
async function attempt({ edits, suite, says }: Fault): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), "fault-"));
  const startedMs = Date.now();
  const copy = new ProjectCopy(join(root, "project"), further);
  const runner = new Runner({
    folder: copy.folder,
    environment: { ...process.env, TS_NODE_TRANSPILE_ONLY: "true" },
    limitMs,
  });
  const forget = onEnd(() => {
    runner.close();
    rmSync(root, { recursive: true, force: true });
  });
  try {
    const beside = join(projectRoot, "../shared");
    if (existsSync(beside)) symlinkSync(beside, join(root, "shared"));
    for (const edit of edits) copy.edit(...edit);
    const mocha = ["node_modules/mocha/bin/mocha.js", "--bail", join("test", suite)];
    const { code, output } = await runner.start(process.execPath, mocha).result;
    return { seconds: Math.round((Date.now() - startedMs) / 1000), caught: code !== 0 && says.test(output), output };
  } finally {
    forget();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Tries the faults whose names hold the given words, or all of them, one after another. */
async function main(words: readonly string[]): Promise<void> {
  const chosen = faults.filter(({ name }) => words.every((word) => name.includes(word)));
  if (chosen.length === 0) {
    console.error(
      `no fault is named by "${words.join(" ")}"; they are:\n  ${faults.map(({ name }) => name).join("\n  ")}`,
    );
    process.exitCode = 1;
    return;
  }
  let missed = 0;
  for (const [index, fault] of chosen.entries()) {
    console.log(`${index + 1}/${chosen.length} ${fault.name}`);
    const { caught, seconds, output } = await attempt(fault);
    console.log(`    ${caught ? "caught" : "NOT CAUGHT"} by test/${fault.suite} in ${seconds} s`);
    if (caught) continue;
    missed += 1;
    console.log(output.slice(-4_000));
  }
  console.log(`\n${chosen.length - missed} of ${chosen.length} faults caught`);
  process.exitCode = missed > 0 ? 1 : 0;
}

void main(process.argv.slice(2));
