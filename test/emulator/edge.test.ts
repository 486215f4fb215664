import assert from "node:assert/strict";
import { succeeds } from "../engine/support/succeeds";
import { contentsOf, createZone, kindsThatDiffer } from "./support/account";
import { destroyed } from "./support/destroyed";
import { describeOnEmulator } from "./support/suite";
import { watchedUp } from "./support/watched-up";

describeOnEmulator("A stack with a domain, a firewall and access logs, on AWS", (scene) => {
  let empty: Record<string, string>;

  before(async () => {
    await createZone(scene().aws, "example.com");
    empty = await contentsOf(scene().aws);
    await scene().createStack("named", "dev", {
      "inference:domain": { name: "api.example.com", zone: "example.com" },
      "inference:waf": { mode: "block" },
      "inference:accessLogDays": 30,
      "inference:notifications": { emails: ["ann@example.com"] },
    });
  });

  it("answers under its name, with all of it made as the provider and the emulator take it", async () => {
    const { sandbox, aws } = scene();
    succeeds(await watchedUp(scene(), "--stack", "named"));
    const { url, accessLogs } = await sandbox.outputs("--stack", "named");
    assert.equal(url, "https://api.example.com");
    assert.match(
      String(accessLogs),
      /^s3:\/\/inference-access-logs-[0-9a-f]+\/AWSLogs\/\d{12}\/elasticloadbalancing\/us-east-1$/,
    );
    const full = await contentsOf(aws);
    const kinds = ["acm ListCertificates", "wafv2 ListWebACLs", "s3 /", "route53 /2013-04-01/healthcheck"];
    for (const kind of kinds) assert.notEqual(full[kind], empty[kind], kind);
  });

  it("previews no change afterwards", async () => {
    succeeds(await scene().sandbox.pulumi("preview", "--expect-no-changes", "--stack", "named"));
  });

  it.skip("takes callers by IPv6 [skipped: the emulator cannot look up the IPv6 block of a subnet]");

  it("leaves the account as it was, logs and all", async () => {
    const { aws } = scene();
    succeeds(await destroyed(scene(), "named"));
    assert.deepEqual(kindsThatDiffer(empty, await contentsOf(aws)), []);
  });
});
