import assert from "node:assert/strict";
import { succeeds } from "../engine/support/succeeds";
import { contentsOf, createZone, kindsThatDiffer } from "./support/account";
import { destroyed } from "./support/destroyed";
import { describeOnEmulator } from "./support/suite";
import { watchedUp } from "./support/watched-up";

describeOnEmulator("A stack with a domain, WAF and access logs, on the emulator", (scene) => {
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

  it("the domain, certificate, WAF, access logs and health check deploy, and url has the domain", async () => {
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

  it("a preview of the domain stack shows no change", async () => {
    succeeds(await scene().sandbox.pulumi("preview", "--expect-no-changes", "--stack", "named"));
  });

  it.skip("dualstack serves callers over IPv6 [skipped: the emulator cannot look up the IPv6 block of a subnet]");

  it("destroy leaves the account as it was, without the access logs bucket", async () => {
    const { aws } = scene();
    succeeds(await destroyed(scene(), "named"));
    assert.deepEqual(kindsThatDiffer(empty, await contentsOf(aws)), []);
  });
});
