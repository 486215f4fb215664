import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsConnection } from "../../components/aws/connection";
import { awsReason } from "../../components/aws/fault";
import { onDemandReplicas } from "../../components/core/capacity";
import { reasonOf } from "../../components/core/reason";
import { ecsFargate } from "../../components/ecs-fargate-service/target";
import { eks } from "../../components/eks-service/target";
import type { Settings } from "../../components/settings";
import { metricReader } from "../rightsize/cloudwatch";
import type { StateResource } from "../stack/deployed";
import { type Diagnosis, notChecked, ok, problem, warning } from "./check";

export interface Access {
  readonly connection: AwsConnection;
  readonly provider: pulumi.ProviderResource;
}

/** A limit of the account in one region. Codes: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
interface Quota {
  readonly title: string;
  readonly service: string;
  readonly code: string;
  /** How many the stack has once it runs. */
  readonly wanted: (settings: Settings) => number;
  /** How many it has at its most replicas; more than the quota allows is a warning. */
  readonly atMost?: (settings: Settings) => number;
  /** How many of its own the stack has already. */
  readonly owned: (resources: readonly StateResource[], settings: Settings) => number;
  readonly used: (access: Access) => Promise<number>;
}

const ofType =
  (type: string): Quota["owned"] =>
  (resources) =>
    resources.filter((resource) => resource.type === type).length;

const gatewayCount = ({ network }: Settings) =>
  "vpcId" in network ? 0 : { none: 0, one: 1, perZone: network.zones }[network.nat];

const tasksOn = ({ model }: Settings) => model.variants.filter(({ target }) => target === ecsFargate.name).length;

/** In vCPU, of tasks on demand: those on Spot have a quota of their own. */
function onDemandVcpu(settings: Settings, replicas: number): number {
  const { cpu, spot } = settings;
  return (tasksOn(settings) * cpu * Math.ceil(onDemandReplicas(spot, replicas))) / 1024;
}

export const quotas: readonly Quota[] = [
  {
    title: "Fargate vCPU on demand",
    service: "fargate",
    code: "L-3032A538",
    wanted: (settings) => onDemandVcpu(settings, settings.replicas.min),
    atMost: (settings) => onDemandVcpu(settings, settings.replicas.max),
    owned: (resources, settings) =>
      ofType("aws:ecs/service:Service")(resources, settings) > 0 ? onDemandVcpu(settings, settings.replicas.min) : 0,
    used: ({ connection }) => fargateVcpu(connection),
  },
  {
    title: "VPCs",
    service: "vpc",
    code: "L-F678F1CE",
    wanted: ({ network }) => ("vpcId" in network ? 0 : 1),
    owned: ofType("aws:ec2/vpc:Vpc"),
    used: async (opts) => (await aws.ec2.getVpcs({}, opts)).ids.length,
  },
  {
    title: "Elastic IP addresses",
    service: "ec2",
    code: "L-0263D0A3",
    wanted: gatewayCount,
    owned: ofType("aws:ec2/eip:Eip"),
    used: async (opts) => (await aws.ec2.getEips({}, opts)).allocationIds.length,
  },
  {
    title: "Application Load Balancers",
    service: "elasticloadbalancing",
    code: "L-53DA6B97",
    wanted: ({ gateway }) => (gateway ? 0 : 1),
    owned: ofType("aws:lb/loadBalancer:LoadBalancer"),
    used: async (opts) =>
      (await aws.lb.getLbs({}, opts)).arns.filter((arn) => arn.includes("loadbalancer/app/")).length,
  },
  {
    title: "EKS clusters",
    service: "eks",
    code: "L-1194D53C",
    wanted: ({ eks: { cluster }, model }) =>
      !cluster && model.variants.some(({ target }) => target === eks.name) ? 1 : 0,
    owned: ofType("aws:eks/cluster:Cluster"),
    used: async (opts) => (await aws.eks.getClusters({}, opts)).names.length,
  },
];

/** AWS/Usage has a value every five minutes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/monitoring-fargate-usage.html. */
async function fargateVcpu(connection: AwsConnection): Promise<number> {
  const dimensions = { Service: "Fargate", Type: "Resource", Resource: "vCPU", Class: "Standard/OnDemand" };
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: "AWS/Usage", MetricName: "ResourceCount", Dimensions };
  const now = Date.now();
  const span = { StartTime: new Date(now - 30 * 60_000), EndTime: new Date(now) };
  const query = { Id: "used", MetricStat: { Metric, Period: 300, Stat: "Maximum" } };
  return (await metricReader(connection)([query], span)).get("used")?.[0] ?? 0;
}

interface Level {
  readonly limit: number;
  readonly inUse: number;
}

/** What AWS answered about a quota, or why it did not. */
export interface Answer {
  readonly quota: Quota;
  readonly level: Level | { readonly failure: string };
}

/** Asks for each quota of which the stack needs something. */
export async function askForQuotas(settings: Settings, access: Access): Promise<readonly Answer[]> {
  const needed = quotas.filter(({ wanted, atMost = wanted }) => atMost(settings) > 0);
  return Promise.all(
    needed.map(async (quota) => ({
      quota,
      level: await levelOf(quota, access).catch((error: unknown) => ({ failure: reasonOf(error) })),
    })),
  );
}

async function levelOf({ service, code, used }: Quota, access: Access): Promise<Level> {
  const opts = { provider: access.provider };
  const asked = aws.servicequotas.getServiceQuota({ serviceCode: service, quotaCode: code }, opts);
  const [{ value: limit }, inUse] = await Promise.all([asked, used(access)]);
  return { limit, inUse };
}

/** `errors` are those that the provider printed: then its failure is empty. */
export function quotaDiagnosis(
  { quota, level }: Answer,
  settings: Settings,
  resources: readonly StateResource[],
  errors: readonly string[],
): Diagnosis {
  if (!("failure" in level)) return judge(quota, level, settings, resources);
  const printed = errors.find((error) => error.includes(quota.code)) ?? "";
  return notChecked(`${quota.title}: ${awsReason(level.failure || printed.replace(/^\[ERROR\] : /, ""))}`);
}

export function judge(
  quota: Quota,
  { limit, inUse }: Level,
  settings: Settings,
  resources: readonly StateResource[],
): Diagnosis {
  const { title, wanted, atMost = wanted, owned } = quota;
  const others = Math.max(0, inUse - owned(resources, settings));
  const [now, later] = [others + wanted(settings), others + atMost(settings)];
  const text = `${title}: ${inUse} of ${limit} in use`;
  if (now > limit) return problem(`${text}; with this stack ${now}.`, increase(quota, later));
  if (later > limit) return warning(`${text}; with this stack at its most replicas ${later}.`, increase(quota, later));
  return ok(`${text}; with this stack ${later} at most.`);
}

const increase = ({ service, code }: Quota, value: number) =>
  `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${Math.ceil(value)}`;
