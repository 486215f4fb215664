import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Runner } from "../engine/support/runner";
import { temporaryFolder } from "../support/folder";

describe("Runner", () => {
  it("kills a command before it can react to the end of what it started", async () => {
    const folder = temporaryFolder("runner");
    const runner = new Runner({ folder, environment: process.env, limitMs: 30_000 });
    const child = 'spawn("sleep", ["60"], { detached: true }).on("exit", () => fs.writeFileSync("reacted", ""))';
    const script = `const fs = require("node:fs"); require("node:child_process").${child}; console.log("started");`;
    const running = runner.start(process.execPath, ["-e", script]);
    while (!running.printed().includes("started")) await sleep(20);
    running.killAll();
    await running.result;
    assert.equal(existsSync(join(folder, "reacted")), false);
  });
});
