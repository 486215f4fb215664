import assert from "node:assert/strict";
import { showChange, unexpected } from "../../../../tools/release/preview-gate";

const urn = (type: string, name: string) => `urn:pulumi:prod::inference::${type}::${name}`;
const rule = urn("inference:aws:Traffic$aws:lb/listenerRule:ListenerRule", "inference-public");
const healthRule = urn("inference:aws:Traffic$aws:lb/listenerRule:ListenerRule", "inference-health");
const page = urn("inference:aws:Observability$aws:cloudwatch/compositeAlarm:CompositeAlarm", "inference-ecs-page");
const dashboard = urn("inference:aws:Observability$aws:cloudwatch/dashboard:Dashboard", "inference");
const service = (name: string) => urn("inference:aws:EcsFargateService$aws:ecs/service:Service", name);
const cluster = urn("inference:aws:EcsFargateService$aws:ecs/cluster:Cluster", "inference");
const group = urn("inference:aws:VariantRoute$aws:lb/targetGroup:TargetGroup", "inference-a1b2c3");
const policy = urn("inference:aws:EcsFargateService$aws:iam/rolePolicy:RolePolicy", "inference-execution");
const balancer = urn("inference:aws:Gateway$aws:lb/loadBalancer:LoadBalancer", "inference");

const context = { root: "inference", variants: ["ecs", "ecs-next"], leaving: ["inference:aws:EksService"] };

describe("release: what a preview may announce", () => {
  for (const [kind, op, of, isExpected] of [
    ["shift", "update", rule, true],
    ["shift", "update", healthRule, true],
    ["shift", "create", page, true],
    ["shift", "delete", page, true],
    ["shift", "update", dashboard, true],
    ["shift", "replace", rule, false],
    ["shift", "replace", dashboard, false],
    ["shift", "delete", rule, false],
    ["shift", "update", service("inference-ecs"), false],
    ["shift", "create", service("inference-ecs-next"), false],
    ["shift", "update", policy, false],
    ["start", "create", service("inference-ecs-next"), true],
    ["start", "update", policy, true],
    ["start", "update", service("inference-ecs"), false],
    ["start", "delete", service("inference-ecs"), false],
    ["start", "replace", balancer, false],
    ["end", "update", service("inference-ecs"), true],
    ["end", "delete", service("inference-ecs-next"), true],
    ["end", "delete", group, true],
    ["end", "delete", urn("inference:aws:EksService$eks:index:Cluster", "inference"), true],
    ["end", "delete", cluster, false],
    ["end", "update", service("inference-blue"), false],
    ["end", "update", balancer, false],
  ] as const) {
    it(`${kind}: ${showChange({ op, urn: of })} is ${isExpected ? "" : "not "}meant`, () => {
      assert.equal(unexpected(kind, [{ op, urn: of }], context).length === 0, isExpected);
    });
  }
});
