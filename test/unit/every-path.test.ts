import assert from "node:assert/strict";
import type { PlannedResource } from "../../tools/offline";
import { oidc } from "../support/oidc";
import { declaredStack } from "./support/mock-cloud";
import type { PlanUnderTest } from "./support/plan-under-test";

const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-AbCdEf";
const domain = { name: "api.example.com", zone: "example.com" };
const jwt = {
  issuer: "https://id.example.com",
  jwksUri: "https://id.example.com/keys",
  claims: { aud: { values: ["x"] } },
};
const variants = { blue: { target: "ecs", weight: 90 }, green: { target: "eks", weight: 10 } };

type Own = Readonly<Record<string, unknown>>;
const targets: Own[] = [{}, { target: "eks" }, { target: "both" }, { target: "variants", variants }];
const edges: Own[] = [
  {},
  { internal: true, apiKeys: secret },
  { domain },
  { domain, auth: { jwt } },
  { domain, auth: { oidc }, internal: true, waf: { mode: "block" } },
  { domain, auth: { jwt }, apiKeys: secret, waf: { mode: "count" }, accessLogDays: 30 },
];

interface Action {
  readonly type: string;
  readonly order?: number;
}
interface Condition {
  readonly pathPattern?: { readonly values: readonly string[] };
}

/** One way into the load balancer: a listener rule, or the default action of a listener. */
interface Way {
  readonly of: PlannedResource;
  readonly actions: readonly Action[];
  readonly paths: readonly string[];
}

function ways(plan: PlanUnderTest): Way[] {
  const rules = plan.all("aws:lb/listenerRule:ListenerRule").map((of) => ({
    of,
    actions: of.inputs.actions as Action[],
    paths: (of.inputs.conditions as Condition[]).flatMap(({ pathPattern }) => pathPattern?.values ?? []),
  }));
  const defaults = plan
    .all("aws:lb/listener:Listener")
    .map((of) => ({ of, actions: of.inputs.defaultActions as Action[], paths: [] }));
  return [...rules, ...defaults];
}

const leadsIn = ({ actions }: Way) => actions.some(({ type }) => type === "forward");

/** The listener that a way belongs to. */
function listenerOf(plan: PlanUnderTest, { of }: Way): PlannedResource {
  if (of.type === "aws:lb/listener:Listener") return of;
  const found = plan
    .all("aws:lb/listener:Listener")
    .find((listener) => String(of.inputs.listenerArn).includes(`/app/${listener.name}/`));
  assert.ok(found, `${of.name} belongs to no listener`);
  return found;
}

/** The check of the first action, in the order of AWS. */
function firstAction({ actions }: Way): string | undefined {
  const inOrder = [...actions].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  assert.ok(
    actions.length === 1 || actions.every(({ order }) => order !== undefined),
    "several actions without an order",
  );
  return inOrder[0]?.type;
}

function assertGuarded(plan: PlanUnderTest, own: Own): void {
  const { auth = {}, waf } = own as { auth?: { jwt?: object; oidc?: object }; waf?: object };
  const check = auth.jwt ? "jwt-validation" : auth.oidc ? "authenticate-oidc" : "forward";
  const inward = ways(plan).filter(leadsIn);
  assert.ok(inward.length >= 2, "a public rule and a variant header rule at least");
  for (const way of inward) {
    const isHealth = way.paths.length === 1 && way.paths[0] === "/health";
    assert.equal(firstAction(way), isHealth ? "forward" : check, way.of.name);
    const listener = listenerOf(plan, way);
    assert.equal(listener.inputs.protocol, own.domain ? "HTTPS" : "HTTP", way.of.name);
    if (waf)
      assert.ok(plan.dependsOn(listener, plan.one("aws:wafv2/webAclAssociation:WebAclAssociation")), way.of.name);
  }
}

/** Containers accept only the load balancer, and require an API key when the stack has apiKeys. */
function assertContainersClosed(plan: PlanUnderTest, own: Own): void {
  const port = 8080;
  for (const { name, inputs } of plan.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")) {
    const reaches = Number(inputs.fromPort) <= port && port <= Number(inputs.toPort);
    if (reaches) assert.equal(inputs.referencedSecurityGroupId, "inference-gateway-id", name);
    else assert.equal(inputs.securityGroupId, "inference-gateway-id", name);
  }
  const tasks = plan
    .all("aws:ecs/taskDefinition:TaskDefinition")
    .map(({ inputs }) => String(inputs.containerDefinitions));
  const pods = plan.all("kubernetes:apps/v1:Deployment").map(({ inputs }) => JSON.stringify(inputs.spec));
  assert.ok(tasks.length + pods.length > 0);
  for (const container of [...tasks, ...pods]) assert.equal(/"name":"API_KEYS"/.test(container), "apiKeys" in own);
}

describe("Every path to a container", () => {
  for (const stack of ["dev", "prod"]) {
    for (const target of targets) {
      for (const edge of edges) {
        const own = { ...target, ...edge };
        const told = Object.entries(edge).map(
          ([key, value]) => `${key} ${Object.keys(Object(value)).slice(0, 1).join()}`,
        );
        it(`of ${stack}, target ${target.target ?? "ecs"}, with ${told.join(", ") || "nothing asked"}, passes the checks`, async function () {
          this.timeout(60_000);
          const plan = await declaredStack(stack, own);
          assertGuarded(plan, own);
          assertContainersClosed(plan, own);
        });
      }
    }
  }
});
