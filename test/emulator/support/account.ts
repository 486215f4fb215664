import { DescribeClustersCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { type EmulatorEndpoint, sendRequest } from "./endpoint";

type Listings = Record<string, string>;

/** Calls that list every kind of resource that the program creates. */
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
  monitoring: { version: "2010-08-01", actions: ["ListDashboards"] },
  sns: { version: "2010-03-31", actions: ["ListTopics", "ListSubscriptions"] },
};

const documents: [service: string, target: string, input: Record<string, string>][] = [
  ["ecs", "AmazonEC2ContainerServiceV20141113.ListTaskDefinitions", { status: "ACTIVE" }],
  ["ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", {}],
  ["logs", "Logs_20140328.DescribeLogGroups", {}],
  ["logs", "Logs_20140328.DescribeMetricFilters", {}],
  ["logs", "Logs_20140328.DescribeQueryDefinitions", {}],
  ["application-autoscaling", "AnyScaleFrontendService.DescribeScalableTargets", { ServiceNamespace: "ecs" }],
  ["application-autoscaling", "AnyScaleFrontendService.DescribeScalingPolicies", { ServiceNamespace: "ecs" }],
  ["application-autoscaling", "AnyScaleFrontendService.DescribeScheduledActions", { ServiceNamespace: "ecs" }],
  ["secretsmanager", "secretsmanager.ListSecrets", {}],
  ["ssm", "AmazonSSM.DescribeParameters", {}],
  ["events", "AWSEvents.ListRules", {}],
  ["acm", "CertificateManager.ListCertificates", {}],
  ["wafv2", "AWSWAF_20190729.ListWebACLs", { Scope: "REGIONAL" }],
  ["budgets", "AWSBudgetServiceGateway.DescribeBudgets", { AccountId: "123456789012" }],
  ["servicediscovery", "Route53AutoNaming_v20170314.ListNamespaces", {}],
  ["servicediscovery", "Route53AutoNaming_v20170314.ListServices", {}],
];

/** Services whose list is a GET. */
const paths: [service: string, path: string][] = [
  ["eks", "/clusters"],
  ["s3", "/"],
  ["route53", "/2013-04-01/healthcheck"],
  ["scheduler", "/schedules"],
  ["lambda", "/2015-03-31/functions"],
];

/** Creates a public hosted zone, as it must exist before a stack with a domain. */
export async function createZone(emulator: EmulatorEndpoint, name: string): Promise<void> {
  const body = `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>${name}</Name><CallerReference>${name}</CallerReference></CreateHostedZoneRequest>`;
  await sendRequest(emulator, "route53", {
    path: "/2013-04-01/hostedzone",
    headers: { "content-type": "text/xml" },
    body,
  });
}

/** Everything in the account, by the call that lists it, including what AWS creates in every account. */
export async function contentsOf(emulator: EmulatorEndpoint): Promise<Listings> {
  const contents: Listings = {};
  for (const [service, { version, actions }] of Object.entries(queries)) {
    for (const action of actions) {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const body = `Version=${version}&Action=${action}`;
      contents[`${service} ${action}`] = await sendRequest(emulator, service, { headers, body });
    }
  }
  for (const [service, target, input] of documents) {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    contents[`${service} ${target.split(".").pop()}`] = await sendRequest(emulator, service, {
      headers,
      body: JSON.stringify(input),
    });
  }
  for (const [service, path] of paths) {
    contents[`${service} ${path}`] = await sendRequest(emulator, service, { method: "GET", path });
  }
  contents["ecs ListClusters"] = (await activeClusters(emulator)).join();
  contents["monitoring DescribeAlarms"] = (await ownAlarms(emulator)).join();
  contents["route53 ListHostedZones"] = (await ownZones(emulator)).join();
  contents["kms ListKeys"] = (await usableKeys(emulator)).join();
  return contents;
}

/** Without the alarms of target tracking: in the emulator, a changed policy leaves its first alarms behind. */
async function ownAlarms(emulator: EmulatorEndpoint): Promise<string[]> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = "Version=2010-08-01&Action=DescribeAlarms";
  const text = await sendRequest(emulator, "monitoring", { headers, body });
  const names = [...text.matchAll(/<AlarmName>([^<]+)/g)].map(([, name = ""]) => name);
  return names.filter((name) => !name.startsWith("TargetTracking-"));
}

/** Without the zones of Cloud Map: AWS deletes them with their namespace, which is listed; the emulator does not. */
async function ownZones(emulator: EmulatorEndpoint): Promise<string[]> {
  const text = await sendRequest(emulator, "route53", { method: "GET", path: "/2013-04-01/hostedzone" });
  const names = [...text.matchAll(/<HostedZone>.*?<Name>([^<]+)/gs)].map(([, name = ""]) => name);
  return names.filter((name) => !name.endsWith(".internal-hz"));
}

/** A deleted key is still listed until its waiting period is over. */
async function usableKeys(emulator: EmulatorEndpoint): Promise<string[]> {
  const call = async (action: string, input: Record<string, string>) => {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `TrentService.${action}` };
    return JSON.parse(await sendRequest(emulator, "kms", { headers, body: JSON.stringify(input) }));
  };
  const { Keys } = (await call("ListKeys", {})) as { Keys: { KeyId: string }[] };
  const states = Keys.map(async ({ KeyId }) => {
    const { KeyMetadata } = (await call("DescribeKey", { KeyId })) as { KeyMetadata: { KeyState: string } };
    return KeyMetadata.KeyState === "PendingDeletion" ? [] : [KeyId];
  });
  return (await Promise.all(states)).flat();
}

/** AWS lists a deleted cluster as INACTIVE for a while. */
async function activeClusters(emulator: EmulatorEndpoint): Promise<string[]> {
  const client = new ECSClient(emulator.client);
  const { clusterArns } = await client.send(new ListClustersCommand({}));
  const { clusters = [] } = await client.send(new DescribeClustersCommand({ clusters: clusterArns }));
  return clusters.filter(({ status }) => status === "ACTIVE").map(({ clusterName = "" }) => clusterName);
}

/** The kinds in which two listings differ. */
export function kindsThatDiffer(one: Listings, other: Listings): string[] {
  return Object.keys(one).filter((kind) => one[kind] !== other[kind]);
}
