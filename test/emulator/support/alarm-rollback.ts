import {
  type Deployment,
  DescribeTaskDefinitionCommand,
  ECSClient,
  type Service,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeServices, include } from "./ecs";
import type { EmulatorEndpoint } from "./endpoint";
import type { Action } from "./proxy";
import { evaluateAlarms, firing, type Measurements, type MetricValues } from "./stored-alarms";

export const healthy: MetricValues = {
  "RequestCount Sum": [600, 600, 600, 600],
  "HealthyHostCount Minimum": [9, 9, 9, 9],
};

/** Metrics of images that run but serve badly, by a word in the image name, as the emulator uses `broken` for those that never run. */
export const badMetrics: Readonly<Record<string, MetricValues>> = {
  failing: { ...healthy, "HTTPCode_Target_5XX_Count Sum": [0, 60, 60, 60] },
  slow: { ...healthy, "TargetResponseTime p99": [0.2, 1.4, 1.4, 1.4] },
};

/** ECS watches the alarms for at least this long after the new tasks are healthy. */
const bakeMs = 3_000;

interface ServiceKey {
  readonly cluster: string;
  readonly service: string;
}

interface RunningDeployment extends ServiceKey {
  readonly from: Service;
  readonly measured: Measurements;
  readonly bakedAtMs: number;
}

/** Rolls an ECS deployment back when one of its alarms fires, which the emulator does not do. */
export function alarmRollback(emulator: EmulatorEndpoint): Record<string, Action> {
  const ecs = new ECSClient(emulator.client);
  const running = new Map<string, RunningDeployment>();
  const ended = new Map<string, { readonly events: readonly string[]; readonly alarms: readonly string[] }>();

  const read = async ({ cluster, service }: ServiceKey) => {
    const services = await describeServices(ecs, cluster, [service]);
    if (!services[0]) throw new Error(`service ${service} does not exist`);
    return services[0];
  };
  const valuesOf = async ({ taskDefinition }: Service) => {
    const described = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    const { image = "" } = described.taskDefinition?.containerDefinitions?.[0] ?? {};
    return Object.entries(badMetrics).find(([word]) => image.includes(word))?.[1];
  };

  /** At the end of the bake time: keeps the deployment, or rolls it back. */
  const endBake = async ({ cluster, service, from, measured }: RunningDeployment) => {
    await evaluateAlarms(emulator, measured);
    const now = await read({ cluster, service });
    const { enable, rollback, alarmNames = [] } = now.deploymentConfiguration?.alarms ?? {};
    const alarms = (await firing(emulator)).filter((name) => alarmNames.includes(name));
    if (!enable || !rollback || alarms.length === 0) return;
    await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: from.taskDefinition }));
    await evaluateAlarms(emulator, { ...measured, values: healthy });
    const prefix = `(service ${now.serviceName})`;
    const events = [
      `${prefix} rolling back to deployment ${from.deployments?.[0]?.id}.`,
      `${prefix} (deployment ${now.deployments?.[0]?.id}) deployment failed: alarm detected.`,
    ];
    ended.set(now.serviceArn ?? "", { events, alarms });
  };

  const shown = (service: Service): Service => {
    const { serviceArn = "", deployments = [], events = [] } = service;
    const bakes = (deployment: Deployment): Deployment =>
      deployment.status === "PRIMARY"
        ? {
            ...deployment,
            rolloutState: "IN_PROGRESS",
            rolloutStateReason: `ECS deployment ${deployment.id} in progress.`,
          }
        : deployment;
    const ownEvents = ended.get(serviceArn)?.events ?? [];
    return {
      ...service,
      deployments: running.has(serviceArn) ? deployments.map(bakes) : deployments,
      events: [...ownEvents.map((message) => ({ message })), ...events],
    };
  };

  return {
    UpdateService: async (request: ServiceKey, passOn: () => Promise<{ service: Service }>) => {
      const from = await read(request);
      const { service } = await passOn();
      const { serviceArn = "", taskDefinition } = service;
      const values = taskDefinition === from.taskDefinition ? undefined : await valuesOf(service);
      if (taskDefinition !== from.taskDefinition) ended.delete(serviceArn);
      if (values) {
        const measured = { dimensions: await dimensionsOf(service, emulator), values };
        running.set(serviceArn, { ...request, from, measured, bakedAtMs: Date.now() + bakeMs });
      }
      return { service: shown(service) };
    },
    DescribeServices: async (request: object, passOn: (instead: object) => Promise<{ services: Service[] }>) => {
      for (const [arn, one] of running) {
        if (Date.now() < one.bakedAtMs) continue;
        running.delete(arn);
        await endBake(one);
      }
      const { services, ...rest } = await passOn({ ...request, include });
      return { ...rest, services: services.map(shown) };
    },
    ListServiceDeployments: async (request: ServiceKey) => {
      const { serviceArn = "" } = await read(request);
      return { serviceDeployments: ended.has(serviceArn) ? [{ serviceDeploymentArn: serviceArn, createdAt: 0 }] : [] };
    },
    DescribeServiceDeployments: ({ serviceDeploymentArns: arns }: { serviceDeploymentArns: string[] }) => ({
      serviceDeployments: arns.map((serviceDeploymentArn) => ({
        serviceDeploymentArn,
        status: "ROLLBACK_SUCCESSFUL",
        alarms: { status: "TRIGGERED", triggeredAlarmNames: ended.get(serviceDeploymentArn)?.alarms },
      })),
    }),
  };
}

/** CloudWatch dimensions of the load balancer and the target group of a service. */
export async function dimensionsOf({ loadBalancers = [] }: Service, { client }: Pick<EmulatorEndpoint, "client">) {
  const group = loadBalancers[0]?.targetGroupArn ?? "";
  const elb = new ElasticLoadBalancingV2Client(client);
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
  const balancer = TargetGroups[0]?.LoadBalancerArns?.[0] ?? "";
  return { LoadBalancer: balancer.split(":loadbalancer/")[1] ?? "", TargetGroup: group.split(":").pop() ?? "" };
}
