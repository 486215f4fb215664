import { existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/cli/run";
import { projectRoot } from "../engine/support/cli";
import { ProjectCopy } from "../engine/support/project-copy";
import { Runner } from "../engine/support/runner";
import { everyResource } from "./every-resource";
import type { Fault } from "./fault";
import { faults } from "./faults";
import { runIn } from "./run-in";

/** Longer than any suite takes on a busy machine. */
const limitMs = 30 * 60_000;

/** Files that the suites need besides the program. */
const further = [
  ...["test", "docs", "README.md", ".mocharc.json", "package-lock.json", "renovate.json", ".github"],
  ...["modelling/package.json", "policy/package.json"],
];

const verdicts = {
  caught: "caught by",
  missed: "NOT CAUGHT by",
  unclear: "NOT PROVEN, for another reason failed",
  untried: "not tried, for this machine skips",
} as const;

interface Outcome {
  readonly seconds: number;
  readonly verdict: keyof typeof verdicts;
  readonly output: string;
}

/** Puts the fault into a copy of the project and runs the suite that must fail, until its first failure. Null after a signal. */
async function attempt({ edits, suite, test, says }: Fault): Promise<Outcome | null> {
  const root = mkdtempSync(join(tmpdir(), "fault-"));
  const startedMs = Date.now();
  const ended = await runIn(root, () => {
    const copy = new ProjectCopy(join(root, "project"), further);
    const beside = join(projectRoot, "../shared");
    if (existsSync(beside)) symlinkSync(beside, join(root, "shared"));
    for (const edit of edits) copy.edit(...edit);
    const only = test === undefined ? ["--bail"] : ["--fgrep", test];
    // --all: long cases of the cluster tier, too.
    const mocha = ["node_modules/mocha/bin/mocha.js", ...only, join("test", suite), "--all"];
    const runner = new Runner({ folder: copy.folder, environment: process.env, limitMs });
    return runner.start(process.execPath, mocha);
  });
  if (ended === null) return null;
  const { code, output } = ended;
  return { seconds: Math.round((Date.now() - startedMs) / 1000), verdict: verdictOf(code, output, says), output };
}

function verdictOf(code: number | null, output: string, says: RegExp): Outcome["verdict"] {
  if (code !== 0) return says.test(output) ? "caught" : "unclear";
  return /^ {2}0 passing/m.test(output) ? "untried" : "missed";
}

/** Tries the faults whose names contain the given words, or all faults, one after another. */
async function main(words: readonly string[]): Promise<void> {
  const chosen = faults.filter(({ name }) => words.every((word) => name.includes(word)));
  if (chosen.length === 0) {
    console.error(
      `no fault has "${words.join(" ")}" in its name; the faults are:\n  ${faults.map(({ name }) => name).join("\n  ")}`,
    );
    process.exitCode = 1;
    return;
  }
  const given: Outcome["verdict"][] = [];
  for (const [index, fault] of chosen.entries()) {
    console.log(`${index + 1}/${chosen.length} ${fault.name}`);
    const outcome = await attempt(fault);
    if (outcome === null) {
      process.exitCode = 130;
      return;
    }
    const { verdict, seconds, output } = outcome;
    console.log(`    ${verdicts[verdict]} test/${fault.suite}, ${seconds} s`);
    given.push(verdict);
    if (verdict === "missed" || verdict === "unclear") console.log(output.slice(-4_000));
  }
  const count = (wanted: Outcome["verdict"]) => given.filter((one) => one === wanted).length;
  const counts = [
    `${count("caught")} faults caught`,
    `${count("missed")} not caught`,
    `${count("unclear")} not proven`,
  ];
  console.log(`\n${counts.join(", ")}, ${count("untried")} not tried`);
  process.exitCode = count("missed") + count("unclear") > 0 ? 1 : 0;
}

const [first, ...others] = process.argv.slice(2);
run(() => (first === "--every-resource" ? everyResource(others) : main(process.argv.slice(2))));
