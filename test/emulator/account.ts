import { DescribeClustersCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { type Emulator, region } from "./emulator";

type Answer = Record<string, string>;

/** The calls that list what an account holds of each kind that the program makes. */
const queries: Record<string, { version: string; actions: string[] }> = {
  ec2: {
    version: "2016-11-15",
    actions: [
      "DescribeVpcs",
      "DescribeSubnets",
      "DescribeSecurityGroups",
      "DescribeSecurityGroupRules",
      "DescribeRouteTables",
      "DescribeInternetGateways",
      "DescribeNatGateways&Filter.1.Name=state&Filter.1.Value.1=available",
      "DescribeAddresses",
      "DescribeVpcEndpoints&Filter.1.Name=vpc-endpoint-state&Filter.1.Value.1=available",
    ],
  },
  iam: { version: "2010-05-08", actions: ["ListRoles", "ListPolicies&Scope=Local"] },
  elasticloadbalancing: { version: "2015-12-01", actions: ["DescribeLoadBalancers", "DescribeTargetGroups"] },
};

const documents: [service: string, target: string, input: Record<string, string>][] = [
  ["ecs", "AmazonEC2ContainerServiceV20141113.ListTaskDefinitions", { status: "ACTIVE" }],
  ["ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", {}],
  ["logs", "Logs_20140328.DescribeLogGroups", {}],
  ["application-autoscaling", "AnyScaleFrontendService.DescribeScalableTargets", { ServiceNamespace: "ecs" }],
  ["application-autoscaling", "AnyScaleFrontendService.DescribeScalingPolicies", { ServiceNamespace: "ecs" }],
  ["application-autoscaling", "AnyScaleFrontendService.DescribeScheduledActions", { ServiceNamespace: "ecs" }],
];

/** The emulator believes any signature; it reads from it which service is meant. */
async function ask({ url }: Emulator, service: string, headers: Record<string, string>, body: string): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(url, { method: "POST", headers: { ...headers, authorization }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} ${body}: ${response.status} ${text}`);
  return text.replace(/<requestId>[^<]*<\/requestId>/i, "");
}

/** Everything that the account holds, by the call that lists it. What AWS gives every account is in it too. */
export async function contentsOf(emulator: Emulator): Promise<Answer> {
  const contents: Answer = {};
  for (const [service, { version, actions }] of Object.entries(queries)) {
    for (const action of actions) {
      const form = { "content-type": "application/x-www-form-urlencoded" };
      contents[`${service} ${action}`] = await ask(emulator, service, form, `Version=${version}&Action=${action}`);
    }
  }
  for (const [service, target, input] of documents) {
    const json = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    contents[`${service} ${target.split(".").pop()}`] = await ask(emulator, service, json, JSON.stringify(input));
  }
  contents["ecs ListClusters"] = (await activeClusters(emulator)).join();
  return contents;
}

/** AWS goes on listing a deleted cluster for a while, as inactive. A cluster with services in it cannot be deleted. */
async function activeClusters(emulator: Emulator): Promise<string[]> {
  const client = new ECSClient(emulator.client);
  const { clusterArns } = await client.send(new ListClustersCommand({}));
  const { clusters = [] } = await client.send(new DescribeClustersCommand({ clusters: clusterArns }));
  return clusters.filter(({ status }) => status === "ACTIVE").map(({ clusterName = "" }) => clusterName);
}

/** The kinds of which two listings differ. */
export function kindsThatDiffer(one: Answer, other: Answer): string[] {
  return Object.keys(one).filter((kind) => one[kind] !== other[kind]);
}
