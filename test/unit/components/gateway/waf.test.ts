import assert from "node:assert/strict";
import { gateway } from "../../support/gateway-program";
import type { PlanUnderTest } from "../../support/plan-under-test";

const acl = "aws:wafv2/webAcl:WebAcl";
const block = { mode: "block", requestsPerFiveMinutes: 500, bodyMiB: 20 } as const;

interface Rule {
  readonly name: string;
  readonly priority: number;
  readonly action?: object;
  readonly overrideAction?: object;
  readonly statement: {
    readonly regexMatchStatement?: { readonly regexString: string; readonly fieldToMatch: object };
    readonly rateBasedStatement?: { readonly limit: number; readonly aggregateKeyType: string };
    readonly managedRuleGroupStatement?: { readonly name: string; readonly ruleActionOverrides: { name: string }[] };
  };
  readonly visibilityConfig: { readonly sampledRequestsEnabled: boolean };
}

describe("Gateway with WAF", () => {
  let plan: PlanUnderTest;
  let rules: Rule[];
  before(async () => {
    plan = await gateway({ ecs: 100 }, { waf: block });
    rules = plan.one(acl).inputs.rules as Rule[];
  });
  const statement = (name: string) => rules.find((rule) => rule.name === name)?.statement;

  it("blocks requests whose content-length is above the limit, compared as text", () => {
    const { regexString = "", fieldToMatch } = statement("body-size")?.regexMatchStatement ?? {};
    assert.deepEqual(fieldToMatch, { singleHeader: { name: "content-length" } });
    const stops = (size: number) => new RegExp(regexString).test(String(size));
    assert.deepEqual([0, 20 * 1024 * 1024, 20 * 1024 * 1024 + 1].map(stops), [false, false, true]);
  });

  it("blocks an address that sends too many requests", () => {
    const { limit, aggregateKeyType } = statement("rate")?.rateBasedStatement ?? {};
    assert.deepEqual([limit, aggregateKeyType], [500, "IP"]);
  });

  it("uses AWS managed rule groups, and only counts with those of their rules that match photos", () => {
    const overridden = rules.flatMap(({ statement: { managedRuleGroupStatement: set } }) =>
      set ? [[set.name, set.ruleActionOverrides.map(({ name }) => name)]] : [],
    );
    assert.deepEqual(overridden, [
      ["AWSManagedRulesAmazonIpReputationList", []],
      ["AWSManagedRulesKnownBadInputsRuleSet", []],
      ["AWSManagedRulesCommonRuleSet", ["SizeRestrictions_BODY", "CrossSiteScripting_BODY"]],
    ]);
  });

  it("blocks with mode block and only counts with mode count, in all rules", async () => {
    const deeds = (own: Rule[]) =>
      new Set(own.map(({ action, overrideAction }) => JSON.stringify(action ?? overrideAction)));
    assert.deepEqual([...deeds(rules)], ['{"block":{}}', '{"none":{}}']);
    const counting = await gateway({ ecs: 100 }, { waf: { ...block, mode: "count" } });
    assert.deepEqual([...deeds(counting.one(acl).inputs.rules as Rule[])], ['{"count":{}}']);
  });

  it("gives each rule its own priority", () =>
    assert.equal(new Set(rules.map(({ priority }) => priority)).size, rules.length));

  it("logs blocked and counted requests without keys, tokens and sessions, in a group that WAF may write to", () => {
    const { inputs } = plan.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration");
    const redacted = (inputs.redactedFields as { singleHeader: { name: string } }[]).map(
      ({ singleHeader }) => singleHeader.name,
    );
    assert.deepEqual(redacted, ["authorization", "cookie", "x-api-key"]);
    assert.equal((inputs.loggingFilter as { defaultBehavior: string }).defaultBehavior, "DROP");
    const group = plan.one("aws:cloudwatch/logGroup:LogGroup", "aws-waf-logs-inference");
    assert.deepEqual(
      [group.inputs.name, group.inputs.namePrefix],
      [undefined, undefined],
      "Pulumi appends to the above",
    );
    assert.equal(group.inputs.retentionInDays, 30);
  });

  it("keeps no samples, which would show what the log redacts", () => {
    const configs = [plan.one(acl).inputs, ...rules].map((one) => one.visibilityConfig as Rule["visibilityConfig"]);
    assert.ok(configs.every(({ sampledRequestsEnabled }) => !sampledRequestsEnabled));
  });

  it("creates the listener only once WAF is in front of the load balancer", () =>
    assert.ok(
      plan.dependsOn(plan.one("aws:lb/listener:Listener"), plan.one("aws:wafv2/webAclAssociation:WebAclAssociation")),
    ));

  it("creates nothing of WAF with mode off", async () => {
    const without = await gateway({ ecs: 100 });
    assert.deepEqual(
      without.plan.resources.filter(({ type }) => type.startsWith("aws:wafv2")),
      [],
    );
  });
});
