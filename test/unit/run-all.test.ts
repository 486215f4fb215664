import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Counts, countsOf, failedTests, runTiers, tooSlow } from "../runner/tiers";
import { temporaryFolder } from "../support/folder";

/** A project whose scripts print what mocha prints. */
function projectWith(scripts: Record<string, string>): string {
  const root = temporaryFolder("run-all");
  writeFileSync(join(root, "package.json"), JSON.stringify({ scripts }));
  return root;
}

function runAll(scripts: Record<string, string>) {
  const command = [
    "-r",
    "ts-node/register/transpile-only",
    join(__dirname, "../runner/run-all.ts"),
    projectWith(scripts),
  ];
  return spawnSync(process.execPath, command, { encoding: "utf8", timeout: 90_000 });
}

function runWithin(limitMs: number, scripts: Record<string, string>): Promise<Counts> {
  return runTiers(projectWith(scripts), limitMs);
}

describe("run-all", function () {
  this.timeout(120_000);

  it("sums mocha's counts of each tier in one closing line", () => {
    const { stdout, status } = runAll({
      lint: "true",
      "test:unit": "printf '  3 passing (1s)\\n  2 pending\\n'",
      "test:engine": "printf '  1 passing (1s)\\n'",
    });
    assert.equal(stdout.trimEnd().split("\n").pop(), "5 passed, 0 failed, 2 skipped");
    assert.equal(status, 0);
  });

  it("counts every mocha run of a tier, and no counts quoted by a failing test", () => {
    const twice =
      "  12 passing (1s)\n  1 pending\n\n  17 passing (2s)\n  1 failing\n\n  1) a test:\n     said:\n       9 passing\n";
    assert.deepEqual(countsOf(twice, 1), { passed: 29, failed: 1, skipped: 1 });
  });

  it("repeats the titles of failed tests at the end", () => {
    const report =
      "  1 passing (1s)\n  1 failing\n\n  1) A unit\n       in a case\n         does it:\n\n      Error: no:\n";
    assert.deepEqual(failedTests(`    1) does it\n${report}`), ["A unit: in a case: does it"]);
    const { stdout } = runAll({ lint: "exit 3", "test:unit": `printf '${report}'; exit 1` });
    assert.deepEqual(
      stdout.split("\n").filter((line) => line.startsWith("== FAILED")),
      ["== FAILED: lint: exit code 3", "== FAILED: test:unit: A unit: in a case: does it"],
    );
  });

  it("goes on after a failing tier and exits with 1", () => {
    const { stdout, status } = runAll({
      "test:unit": "printf '  3 passing (1s)\\n  1 failing\\n'; exit 1",
      "test:engine": "printf '  1 passing (1s)\\n'",
    });
    assert.equal(stdout.trimEnd().split("\n").pop(), "4 passed, 1 failed, 0 skipped");
    assert.equal(status, 1);
  });

  it("ends the running tier at the total limit, and counts it and all later ones as failed", async () => {
    const counts = await runWithin(500, { lint: "sleep 60", "test:unit": "true", "test:app": "true" });
    assert.deepEqual(counts, { passed: 0, failed: 3, skipped: 0 });
  });

  it("does not list a tier that does not exist", () => {
    assert.equal(runAll({ lint: "true" }).stdout.includes("test:emulator"), false);
  });

  it("counts a tier that dies without output as one failure", () => {
    assert.deepEqual(countsOf("Error: Cannot find module", 1), { passed: 0, failed: 1, skipped: 0 });
  });

  it("counts a tier whose tests pass but whose process fails as a failure", () => {
    assert.deepEqual(countsOf("  3 passing (1s)", 7), { passed: 3, failed: 1, skipped: 0 });
  });

  it("names the tier that skipped more tests than it ran", () => {
    const { stdout } = runAll({ lint: "true", "test:engine": "printf '  8 passing (1s)\\n  9 pending\\n'" });
    const [note, last] = stdout
      .trimEnd()
      .split("\n")
      .filter((line) => line !== "")
      .slice(-2);
    assert.equal(note, "== SKIPPED: most of test:engine; its output above says why");
    assert.equal(last, "9 passed, 0 failed, 9 skipped");
  });

  it("names the tier that exceeded its target time", () => {
    assert.deepEqual(tooSlow("test:emulator", { target: 15 }, 901), [
      "== SLOW: test:emulator took 901 s; its target is 15 min (900 s)",
    ]);
    assert.deepEqual(tooSlow("test:emulator", { target: 15 }, 900), []);
    assert.deepEqual(tooSlow("lint", {}, 9_000), []);
  });
});
