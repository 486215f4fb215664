import assert from "node:assert/strict";
import type { Entry } from "../fakes/account";
import { stringsIn } from "../fakes/values";
import { deployment, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const group = "aws:lb/targetGroup:TargetGroup";
const loadBalancer = "aws:lb/loadBalancer:LoadBalancer";
const record = "aws:route53/record:Record";
const binding = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding";
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const domain = { name: "api.example.com", zone: "example.com" };

describeWithEngine("Changing internal on a running stack", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    sandbox.edit("components/gateway/domain.ts", "cacheSeconds = 60", "cacheSeconds = 1");
    await sandbox.createStack("dev", { "inference:replicas": { max: 8 } });
    succeeds(await sandbox.up());
  });

  const moment = (mark: number, phase: Entry["phase"], op: Entry["op"], type: string, name?: RegExp) =>
    flips.since(mark, phase, op, type, name).atMs;

  /** The new load balancer, group, replicas and rule are created before any of the old ones is deleted. */
  const assertMoves = (mark: number, newcomer: string) => {
    const moved = moment(mark, "end", "create", rule, /-public$/);
    for (const type of [loadBalancer, group, newcomer]) {
      assert.ok(moment(mark, "end", "create", type) <= moved, `${type} was created after the rule`);
      assert.ok(moment(mark, "begin", "delete", type) >= moved, `${type} was deleted before the rule`);
    }
    assert.equal(sandbox.account.of(loadBalancer).length, 1);
    const [arn] = sandbox.account.of(group).map(({ id }) => id);
    assert.ok(stringsIn(sandbox.account.of(rule).map(({ inputs }) => inputs)).includes(String(arn)));
  };

  it("a service on ECS moves to a new load balancer and target group before the old ones are deleted", async () => {
    flips.scale(service, { desiredCount: 5 });
    const { mark } = succeeds(await flips.to("ecs", { "inference:internal": true }));
    assert.equal(sandbox.account.of(loadBalancer)[0]?.inputs.internal, true);
    assertMoves(mark, service);
    assert.equal(sandbox.account.of(service)[0]?.inputs.desiredCount, 5, "as many as served");
  });

  it("a second update after a failed move counts the replicas behind the old load balancer", async () => {
    flips.scale(service, { desiredCount: 6 });
    sandbox.inject({ name: "inference-ecs", type: service, op: "create", does: "fail", message: "AccessDenied" });
    const broken = await flips.to("ecs", { "inference:internal": false });
    assert.equal(broken.code, 1, broken.output);
    assert.equal(sandbox.account.of(loadBalancer).length, 2, "the old load balancer still serves");
    sandbox.clearInjected();
    const { output } = succeeds(await sandbox.up());
    assert.equal(sandbox.account.of(service)[0]?.inputs.desiredCount, 6, "as many as served");
    assert.match(output, /traffic has moved; waiting \d+ s while 1 target group/);
    assert.equal(sandbox.account.of(loadBalancer).length, 1);
    succeeds(await flips.to("ecs", { "inference:internal": true }));
  });

  it("a second update after a move that failed at the target group replaces the group", async () => {
    sandbox.inject({ name: "inference-ecs", type: group, op: "create", does: "fail", message: "Throttling" });
    const broken = await flips.to("ecs", { "inference:internal": false });
    sandbox.clearInjected();
    assert.equal(broken.code, 1, broken.output);
    assert.deepEqual(
      [loadBalancer, group].map((type) => sandbox.account.of(type).length),
      [2, 1],
    );
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.ok(moment(mark, "end", "create", group) <= moment(mark, "end", "create", rule, /-public$/));
    assert.equal(sandbox.account.of(loadBalancer).length, 1);
    succeeds(await flips.to("ecs", { "inference:internal": true }));
  });

  it("the DNS record changes only once the new load balancer serves", async () => {
    succeeds(await flips.to("ecs", { "inference:domain": domain }));
    const { mark } = succeeds(await flips.to("ecs", { "inference:internal": false }));
    assertMoves(mark, service);
    assert.ok(moment(mark, "end", "create", rule, /-public$/) <= moment(mark, "begin", "update", record));
    assert.ok(moment(mark, "end", "update", record) <= moment(mark, "begin", "delete", service));
  });

  it("pods on EKS stay reachable from both load balancers until the old one is deleted", async () => {
    succeeds(await flips.to("eks"));
    const { mark } = succeeds(await flips.to("eks", { "inference:internal": true }));
    assertMoves(mark, binding);
    assert.deepEqual(
      sandbox.changesSince(mark).filter((change) => change.includes(deployment)),
      [],
      "the pods stay",
    );
    const moved = moment(mark, "end", "create", rule, /-public$/);
    assert.ok(moment(mark, "begin", "delete", policy) >= moved);
  });

  it("a second update after the moves changes nothing, and destroy runs in an order that AWS accepts", async () => {
    succeeds(await sandbox.up("--expect-no-changes"));
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    const left = sandbox.account.held().filter(({ type }) => type !== "docker-build:index:Image");
    assert.deepEqual(
      left.map(({ name }) => name),
      ["inference-validation"],
      "the validation record of the certificate stays",
    );
  });
});
