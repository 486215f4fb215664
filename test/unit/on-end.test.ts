import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Its acts take a moment, as the removal of containers does. */
const program = `
const { writeSync } = require("node:fs");
const { onEnd } = require(${JSON.stringify(join(__dirname, "../support/on-end"))});
onEnd(() => writeSync(1, "the first act\\n"));
onEnd(() => {
  writeSync(1, "begun\\n");
  for (const end = Date.now() + 1000; Date.now() < end; );
});
setInterval(() => {}, 1000);
writeSync(1, "ready\\n");
`;

describe("onEnd", function () {
  this.timeout(60_000);

  /** Sends the signal for each line that the program prints. */
  async function printedAfter(signal: NodeJS.Signals): Promise<{ printed: string; code: number }> {
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (text) => {
      printed += text;
      child.kill(signal);
    });
    const [code] = await once(child, "close");
    return { printed, code };
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`runs all acts, the last one first, when ${signal} arrives again while they run`, async () => {
      assert.deepEqual(await printedAfter(signal), { printed: "ready\nbegun\nthe first act\n", code: 130 });
    });
  }
});
