import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The command takes a moment to stop what it started. */
const command = `
const { existsSync } = require("node:fs");
process.on("SIGTERM", () => setTimeout(() => {
  console.log("stopped in its folder: " + existsSync(process.cwd()));
  process.exit(1);
}, 1000));
setInterval(() => {}, 1000);
console.log("ready");
`;

const program = `
const { mkdtempSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Runner } = require(${JSON.stringify(join(__dirname, "../engine/support/runner"))});
const { runIn } = require(${JSON.stringify(join(__dirname, "../faults/run-in"))});
const folder = mkdtempSync(join(tmpdir(), "fault-"));
console.log(folder);
const runner = new Runner({ folder, environment: process.env, limitMs: 30000 });
let running;
runIn(folder, () => (running = runner.start(process.execPath, ["-e", ${JSON.stringify(command)}]))).then((ended) => {
  console.log(running.printed().trim().split("\\n").pop());
  process.exitCode = ended === null ? 130 : 0;
});
const ready = setInterval(() => {
  if (!running?.printed().includes("ready")) return;
  clearInterval(ready);
  console.log("running");
}, 20);
`;

describe("runIn", function () {
  this.timeout(60_000);

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`lets the command stop in its folder before it removes it, when ${signal} arrives twice`, async () => {
      const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let printed = "";
      child.stdout.on("data", (text) => {
        printed += text;
        if (!printed.endsWith("running\n")) return;
        child.kill(signal);
        setTimeout(() => child.kill(signal), 200);
      });
      const [code] = await once(child, "close");
      const [folder = "", ...lines] = printed.trim().split("\n");
      assert.deepEqual([lines, code], [["running", "stopped in its folder: true"], 130]);
      assert.equal(existsSync(folder), false);
    });
  }
});
