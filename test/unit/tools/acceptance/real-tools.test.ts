import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { readArguments } from "../../../../tools/acceptance/arguments";
import { ProgressFile } from "../../../../tools/acceptance/progress";
import { realTools } from "../../../../tools/acceptance/real-tools";
import { begun } from "../../../support/acceptance";
import { temporaryFolder } from "../../../support/folder";
import { slowServer } from "../../../support/slow-server";

describe("a resumed run of npm run acceptance", () => {
  it("sends at the rate of the first start, which the report names", async () => {
    const asked = readArguments(["--stack", "dev", "--resume", "--rps", "0.1", "--body", "{}"]);
    assert.ok(asked);
    const progress = new ProgressFile(temporaryFolder("acceptance"), { ...begun, perSecond: 100 });
    const copy = { config: {}, differences: [] };
    const tools = realTools({ stack: begun.stack, asked, copy, progress, interrupt: () => {} });
    const { url, server } = await slowServer(0);
    const load = await tools.startLoad(url.href);
    // At 0.1 requests/s the fifth one would be due after 40 s.
    while (load.soFar.sent < 5) await sleep(10);
    const { errors } = await load.stop();
    server.close();
    assert.equal(errors, 0);
  });
});
