import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setRegistry } from "./support/account-api/ecr";
import type { Sandbox } from "./support/sandbox";
import { describeWithEngine } from "./support/suite";

const balancer = "aws:lb/loadBalancer:LoadBalancer";

describeWithEngine("npm run doctor", (open) => {
  let sandbox: Sandbox;
  let stackFile: string;
  let intact: string;

  before(async () => {
    // The doctor runs the engine while an update does.
    sandbox = await open({ sharesProviders: false });
    setRegistry(sandbox.account, "https://123456789012.dkr.ecr.us-east-1.amazonaws.com");
    // Nothing is built, so Docker is not needed.
    const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:${"0".repeat(64)}`;
    sandbox.configure("dev", { "inference:image": image });
    sandbox.reachFakeAws("dev");
    stackFile = join(sandbox.project, "Pulumi.dev.yaml");
  });

  afterEach(() => sandbox.clearInjected());

  const doctor = async (expectedCode: number) => {
    const { code, output } = await sandbox.script("doctor", "--stack", "dev");
    assert.equal(code, expectedCode, output);
    assert.deepEqual(
      output.split("\n").filter((line) => line.length > 80),
      [],
    );
    // The texts are wrapped.
    return output.replace(/\n +/g, " ");
  };

  it("a stack that does not exist yet", async () => {
    const output = await doctor(1);
    assert.match(output, /^problem +state +The backend has no stack dev\. pulumi stack init dev$/m);
    assert.match(output, /^1 problem, /m);
    await sandbox.createStack("dev");
    intact = readFileSync(stackFile, "utf8");
  });

  it("a stack that pulumi up accepts", async () => {
    const output = await doctor(0);
    assert.match(output, /^ok +state +Stack dev is empty\.$/m);
    assert.match(output, /^ok +lock +No update is running\.$/m);
    assert.match(output, /^ok +account +Signed in to account 123456789012 and its registry\.$/m);
    assert.match(output, /^ok +preflight +pulumi up will refuse nothing/m);
    assert.match(output, /^ok +quotas +VPCs: 0 of 5 in use; with this stack 1 at most\.$/m);
    assert.match(output, /Next: pulumi up --stack dev$/m);
  });

  it("settings that pulumi up refuses, and what it finds in the account, in its words", async () => {
    for (const keys of [
      { "inference:cpu": 1000, "inference:replcas": { min: 2 } },
      { "inference:domain": { name: "api.example.org", zone: "example.org" } },
    ]) {
      sandbox.configure("dev", keys);
      const [output, preview] = [await doctor(1), await sandbox.pulumi("preview")];
      writeFileSync(stackFile, intact);
      const [, refusal = ""] = /^ {4}error: (.* problems?.*(?:\n {6}.*)*)/m.exec(preview.output) ?? [];
      const lines = refusal.split("\n").map((line) => line.trim());
      assert.ok(lines.length > 1, preview.output);
      for (const line of lines) assert.ok(output.includes(line), `"${line}" is missing from\n${output}`);
    }
  });

  it("an update that runs, and one that was killed", async () => {
    sandbox.inject({ name: "inference", type: balancer, op: "create", does: "hang" });
    const running = sandbox.start(["up", "--yes", "--skip-preview"]);
    await sandbox.waitFor(
      "the creation",
      ({ phase, urn }) => phase === "begin" && urn.endsWith("LoadBalancer::inference"),
    );
    assert.match(await doctor(1), /^problem +lock +An update is running: .* Wait for its end\.$/m);
    running.killAll();
    await running.result;
    const output = await doctor(1);
    assert.match(output, /^problem +lock +A killed update left its lock: .*\. pulumi cancel --stack dev$/m);
    assert.match(
      output,
      new RegExp(`^warning +state +An update was interrupted.* creating ${balancer} inference`, "m"),
    );
    await sandbox.must("cancel", "--yes");
    assert.match(await doctor(0), /^ok +lock/m);
  });
});
