import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { GatewayArgs } from "./args";
import { numberAbove } from "./waf-size-pattern";

type Rule = aws.types.input.wafv2.WebAclRule;

/** Resolves once WAF is in front of the load balancer. Undefined with mode `off`. */
export function createWaf(
  name: string,
  { waf, logRetentionDays, protect }: Pick<GatewayArgs, "waf" | "logRetentionDays" | "protect">,
  loadBalancer: aws.lb.LoadBalancer,
  inside: pulumi.ResourceOptions,
): pulumi.Resource[] {
  if (waf.mode === "off") return [];
  const acl = new aws.wafv2.WebAcl(
    name,
    {
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      rules: [...ownRules(waf), ...managedRules(waf)].map((rule, priority) => ({ ...rule, priority })),
      visibilityConfig: visibility(name),
    },
    inside,
  );
  const logGroup = createLogGroup(name, logRetentionDays, { ...inside, retainOnDelete: protect });
  createLogging(name, acl, logGroup, inside);
  return [new aws.wafv2.WebAclAssociation(name, { resourceArn: loadBalancer.arn, webAclArn: acl.arn }, inside)];
}

/** No samples: they would show headers with keys and tokens, which the log redacts. */
const visibility = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
});

type Unordered = Omit<Rule, "priority">;

function ownRules({ mode, bodyMiB, requestsPerFiveMinutes }: GatewayArgs["waf"]): Unordered[] {
  const action = mode === "block" ? { block: {} } : { count: {} };
  return [
    {
      name: "body-size",
      action,
      // WAF sees the first 8 KiB of a body and compares headers as text: the size is what the caller announces.
      statement: {
        regexMatchStatement: {
          regexString: numberAbove(bodyMiB * 1024 * 1024),
          fieldToMatch: { singleHeader: { name: "content-length" } },
          textTransformations: [{ priority: 0, type: "NONE" }],
        },
      },
      visibilityConfig: visibility("body-size"),
    },
    {
      name: "rate",
      action,
      statement: {
        rateBasedStatement: { aggregateKeyType: "IP", limit: requestsPerFiveMinutes, evaluationWindowSec: 300 },
      },
      visibilityConfig: visibility("rate"),
    },
  ];
}

/** AWS managed rule groups. Their rules that match photos only count. */
const managedSets: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesAmazonIpReputationList: [],
  AWSManagedRulesKnownBadInputsRuleSet: [],
  AWSManagedRulesCommonRuleSet: ["SizeRestrictions_BODY", "CrossSiteScripting_BODY"],
};

function managedRules({ mode }: GatewayArgs["waf"]): Unordered[] {
  return Object.entries(managedSets).map(([set, counted]) => ({
    name: set,
    overrideAction: mode === "block" ? { none: {} } : { count: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name: set,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(set),
  }));
}

const secretHeaders = ["authorization", "cookie", "x-api-key"];

/** WAF writes only to groups whose names start with this prefix. By namePrefix the provider refuses it: Pulumi names it already. */
const createLogGroup = (name: string, retentionInDays: number, options: pulumi.CustomResourceOptions) =>
  new aws.cloudwatch.LogGroup(`aws-waf-logs-${name}`, { retentionInDays }, options);

/** Blocked and counted requests, with the retention of the container logs. */
function createLogging(
  name: string,
  acl: aws.wafv2.WebAcl,
  logGroup: aws.cloudwatch.LogGroup,
  inside: pulumi.ResourceOptions,
) {
  const conditions = ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"].map((action) => ({ actionCondition: { action } }));
  new aws.wafv2.WebAclLoggingConfiguration(
    name,
    {
      resourceArn: acl.arn,
      logDestinationConfigs: [logGroup.arn],
      redactedFields: secretHeaders.map((header) => ({ singleHeader: { name: header } })),
      loggingFilter: { defaultBehavior: "DROP", filters: [{ behavior: "KEEP", requirement: "MEETS_ANY", conditions }] },
    },
    inside,
  );
}
