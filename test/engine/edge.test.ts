import assert from "node:assert/strict";
import { nameOf } from "../fakes/values";
import { oidc } from "../support/oidc";
import { assertOutputs } from "./support/output-shapes";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const rule = "aws:lb/listenerRule:ListenerRule";
const secret = (name: string) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
const domain = { name: "api.example.com", zone: "example.com" };

describeWithEngine("Adding a domain to a running stack", (open) => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev");
    succeeds(await sandbox.up());
  });

  /** Position in the journal where the operation on this resource began or ended. */
  const moment = (mark: number, phase: "begin" | "end", op: "create" | "delete", name: string) => {
    const entries = sandbox.account.entries().slice(mark);
    const found = entries.findIndex((one) => one.phase === phase && one.op === op && nameOf(one.urn) === name);
    assert.ok(found >= 0, `no ${phase} of ${op} ${name}`);
    return found;
  };

  it("preflight reports a missing zone, a missing certificate and invalid API keys at once, and nothing changes", async () => {
    const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
    sandbox.configure("dev", {
      "inference:domain": { name: "api.example.org", zone: "example.org", certificateArn },
      "inference:apiKeys": secret("unfit-keys"),
    });
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /domain\.zone is "example\.org"; expected a public hosted zone .*no matching Route 53 Hosted/);
    assert.match(output, /: 3 problems found in the AWS account/);
    assert.match(output, /domain\.certificateArn is "arn:.*"; expected a certificate that this account has/);
    assert.match(output, /apiKeys is "\[not shown\]"; expected names of letters/);
    assert.doesNotMatch(output, /^\s+at \S/m);
    assert.deepEqual(sandbox.changesSince(mark), []);
    assert.doesNotMatch(sandbox.transcript, /fake-key/);
  });

  it("a preview with a domain works while the certificate is unknown", async () => {
    sandbox.configure("dev", {
      "inference:domain": domain,
      "inference:apiKeys": secret("keys"),
      "inference:network": { ipv6: true },
      "inference:dualstack": true,
      "inference:ingressCidrs": ["0.0.0.0/0", "::/0"],
    });
    succeeds(await sandbox.pulumi("preview"));
  });

  it("the HTTP rules stay until the HTTPS ones exist, and the domain has an IPv6 record", async () => {
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assertOutputs(await sandbox.outputs(), "ecs", { ecs: 100 }, { url: /^"https:\/\/api\.example\.com"$/ });
    const made = sandbox.account.of(rule).filter(({ name }) => name === "inference-public");
    assert.equal(made.length, 1);
    const [six] = sandbox.account.of("aws:route53/record:Record").filter(({ inputs }) => inputs.type === "AAAA");
    assert.equal(six?.inputs.name, "api.example.com");
    const routed = sandbox.account
      .of("aws:ec2/route:Route")
      .filter(({ inputs }) => inputs.destinationIpv6CidrBlock === "::/0");
    assert.equal(routed.length, 2);
    assert.ok(moment(mark, "end", "create", "inference-public") < moment(mark, "begin", "delete", "inference-public"));
  });

  it("the API keys are in neither state nor output", async () => {
    const { stdout } = await sandbox.must("stack", "export", "--show-secrets");
    assert.doesNotMatch(`${stdout}${sandbox.transcript}`, /fake-key/);
    assert.doesNotMatch(sandbox.transcript, /apiKeys cannot be read/);
  });

  it("the drain also waits when weights change on a rule with an OIDC secret, which stays hidden", async () => {
    sandbox.edit("components/core/service-spec.ts", "const usualDeregistration = 30", "const usualDeregistration = 1");
    const variants = (a: number) => ({
      "inference:target": "variants",
      "inference:variants": { a: { target: "ecs", weight: a }, b: { target: "ecs", weight: 100 - a } },
    });
    sandbox.configure("dev", { "inference:auth": { oidc }, ...variants(50) });
    succeeds(await sandbox.up());
    sandbox.configure("dev", variants(10));
    const { output } = succeeds(await sandbox.up());
    assert.match(output, /traffic has moved; waiting 6 s while 1 target group/);
    assert.doesNotMatch(sandbox.transcript, /fake-client-secret/);
    assert.doesNotMatch(JSON.stringify(await sandbox.must("stack", "export")), /fake-client-secret/);
  });

  it("destroy leaves only the validation record of the certificate", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    const left = sandbox.account.held().filter(({ type }) => type.startsWith("aws:"));
    assert.deepEqual(
      left.map(({ name }) => name),
      ["inference-validation"],
    );
  });
});

describeWithEngine("A flip that adds a domain", (open) => {
  it("the flip that adds a domain starts as many pods as tasks serve on the old listener", async () => {
    const sandbox = await open();
    sandbox.edit("components/core/service-spec.ts", "const usualDeregistration = 30", "const usualDeregistration = 1");
    sandbox.edit("components/eks-service/rollout.ts", "const holdSeconds = 120", "const holdSeconds = 1");
    await sandbox.createStack("dev", { "inference:replicas": { max: 8 } });
    succeeds(await sandbox.up());
    const [service] = sandbox.account.of("aws:ecs/service:Service");
    assert.ok(service);
    sandbox.account.drift(service.urn, { desiredCount: 5 });
    sandbox.configure("dev", { "inference:target": "eks", "inference:domain": domain });
    succeeds(await sandbox.up());
    const [pods] = sandbox.account.of("kubernetes:apps/v1:Deployment");
    assert.ok(pods);
    assert.equal((pods.inputs.spec as { replicas: number }).replicas, 5);
  });
});
