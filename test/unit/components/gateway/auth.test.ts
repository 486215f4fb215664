import assert from "node:assert/strict";
import type { GatewayArgs } from "../../../../components/gateway";
import { secretValue } from "../../../../tools/offline/cloud";
import { oidc as signIn } from "../../../support/oidc";
import { gateway } from "../../support/gateway-program";
import type { PlanUnderTest } from "../../support/plan-under-test";

const rule = "aws:lb/listenerRule:ListenerRule";
const domain = { name: "api.example.com", zoneId: "Z1" };
const jwt = {
  issuer: "https://id.example.com",
  jwksUri: "https://id.example.com/keys",
  claims: { aud: { format: "single-string", values: ["inference"] } },
} as const;
const oidc = { ...signIn, scope: "openid", sessionSeconds: 3600 };
const asking = (auth: GatewayArgs["auth"]) => gateway({ ecs: 90, eks: 10 }, { domain, auth });
const actions = (plan: PlanUnderTest, name: string) =>
  plan.one(rule, name).inputs.actions as { type: string; order?: number; [key: string]: unknown }[];

describe("Gateway with authentication", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await asking({ jwt });
  });

  it("validates a token before it forwards, in the public rule and in every variant header rule", () => {
    for (const name of ["inference-public", "inference-ecs-header", "inference-eks-header"]) {
      const [first, second] = actions(plan, name);
      assert.deepEqual(first, {
        type: "jwt-validation",
        order: 1,
        jwtValidation: {
          issuer: jwt.issuer,
          jwksEndpoint: jwt.jwksUri,
          additionalClaims: [{ name: "aud", format: "single-string", values: ["inference"] }],
        },
      });
      assert.deepEqual([second?.type, second?.order], ["forward", 2]);
    }
  });

  it("forwards /health without authentication, by the weights, before any rule that authenticates", () => {
    const health = plan.one(rule, "inference-health");
    assert.deepEqual(health.inputs.conditions, [{ pathPattern: { values: ["/health"] } }]);
    assert.equal(health.inputs.priority, 2);
    const [only] = actions(plan, "inference-health");
    assert.deepEqual(only?.forward, actions(plan, "inference-public")[1]?.forward);
    for (const serves of ["ecs-serves", "eks-serves"]) {
      assert.ok(plan.dependsOn(health, plan.one("aws:cloudwatch/logGroup:LogGroup", serves)));
    }
  });

  it("allows the load balancer to fetch the identity provider's keys", () => {
    const { inputs } = plan.one("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
    assert.deepEqual(
      [inputs.securityGroupId, inputs.cidrIpv4, inputs.fromPort, inputs.toPort],
      ["inference-gateway-id", "0.0.0.0/0", 443, 443],
    );
  });

  it("redirects a browser to the identity provider, and keeps the client secret a secret", async () => {
    const people = await asking({ oidc });
    const [first] = actions(people, "inference-public");
    const { clientSecretArn, sessionSeconds, ...same } = oidc;
    assert.deepEqual(first, {
      type: "authenticate-oidc",
      order: 1,
      authenticateOidc: { ...same, clientSecret: secretValue, sessionTimeout: 3600 },
    });
    for (const name of ["inference-public", "inference-ecs-header"]) {
      assert.deepEqual(people.one(rule, name).secretInputs, ["actions"]);
    }
  });

  it("adds no authentication, no egress and no rule for /health without the key auth", async () => {
    const open = await asking({});
    assert.deepEqual(open.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), []);
    assert.deepEqual(
      open.all(rule).filter(({ name }) => name.endsWith("-health")),
      [],
    );
    assert.equal(actions(open, "inference-public")[0]?.type, "forward");
  });
});
