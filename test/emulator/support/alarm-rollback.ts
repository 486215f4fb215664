import {
  type Deployment,
  DescribeTaskDefinitionCommand,
  ECSClient,
  type Service,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeServices, include } from "./ecs";
import type { Emulator } from "./emulator";
import type { Action } from "./proxy";
import { evaluateAlarms, firing, type Measured, type Measurements } from "./stored-alarms";

export const healthy: Measured = { "RequestCount Sum": [600, 600, 600, 600], "HealthyHostCount Minimum": [9, 9, 9, 9] };

/** Images that run, and what their callers meet: by a word in their names, as the emulator has `broken` for those that never run. */
export const callersMeet: Readonly<Record<string, Measured>> = {
  failing: { ...healthy, "HTTPCode_Target_5XX_Count Sum": [0, 60, 60, 60] },
  slow: { ...healthy, "TargetResponseTime p99": [0.2, 1.4, 1.4, 1.4] },
};

/** For how long ECS looks at the alarms at least, once the new tasks are healthy. */
const bakeMs = 3_000;

interface Named {
  readonly cluster: string;
  readonly service: string;
}

interface Underway extends Named {
  readonly from: Service;
  readonly measured: Measurements;
  readonly bakedAtMs: number;
}

/** What ECS does about the alarms of a service while it deploys, which the emulator leaves out: of all else, nothing. */
export function alarmRollback(emulator: Pick<Emulator, "urlOf" | "client">): Record<string, Action> {
  const ecs = new ECSClient(emulator.client);
  const underway = new Map<string, Underway>();
  const ended = new Map<string, { readonly events: readonly string[]; readonly alarms: readonly string[] }>();

  const read = async ({ cluster, service }: Named) => {
    const services = await describeServices(ecs, cluster, [service]);
    if (!services[0]) throw new Error(`there is no service ${service}`);
    return services[0];
  };
  const valuesOf = async ({ taskDefinition }: Service) => {
    const described = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    const { image = "" } = described.taskDefinition?.containerDefinitions?.[0] ?? {};
    return Object.entries(callersMeet).find(([word]) => image.includes(word))?.[1];
  };

  /** The deployment has baked: it stays, or goes back to where it came from. */
  const judge = async ({ cluster, service, from, measured }: Underway) => {
    await evaluateAlarms(emulator, measured);
    const now = await read({ cluster, service });
    const { enable, rollback, alarmNames = [] } = now.deploymentConfiguration?.alarms ?? {};
    const alarms = (await firing(emulator)).filter((name) => alarmNames.includes(name));
    if (!enable || !rollback || alarms.length === 0) return;
    await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: from.taskDefinition }));
    await evaluateAlarms(emulator, { ...measured, values: healthy });
    const said = `(service ${now.serviceName})`;
    const events = [
      `${said} rolling back to deployment ${from.deployments?.[0]?.id}.`,
      `${said} (deployment ${now.deployments?.[0]?.id}) deployment failed: alarm detected.`,
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
    const told = ended.get(serviceArn)?.events ?? [];
    return {
      ...service,
      deployments: underway.has(serviceArn) ? deployments.map(bakes) : deployments,
      events: [...told.map((message) => ({ message })), ...events],
    };
  };

  return {
    UpdateService: async (asked: Named, passOn: () => Promise<{ service: Service }>) => {
      const from = await read(asked);
      const { service } = await passOn();
      const { serviceArn = "", taskDefinition } = service;
      const values = taskDefinition === from.taskDefinition ? undefined : await valuesOf(service);
      if (taskDefinition !== from.taskDefinition) ended.delete(serviceArn);
      if (values) {
        const measured = { dimensions: await dimensionsOf(service, emulator), values };
        underway.set(serviceArn, { ...asked, from, measured, bakedAtMs: Date.now() + bakeMs });
      }
      return { service: shown(service) };
    },
    DescribeServices: async (asked: object, passOn: (instead: object) => Promise<{ services: Service[] }>) => {
      for (const [arn, one] of underway) {
        if (Date.now() < one.bakedAtMs) continue;
        underway.delete(arn);
        await judge(one);
      }
      const { services, ...rest } = await passOn({ ...asked, include });
      return { ...rest, services: services.map(shown) };
    },
    ListServiceDeployments: async (asked: Named) => {
      const { serviceArn = "" } = await read(asked);
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

/** As the load balancer names itself and the group of a service to CloudWatch. */
export async function dimensionsOf({ loadBalancers = [] }: Service, { client }: Pick<Emulator, "client">) {
  const group = loadBalancers[0]?.targetGroupArn ?? "";
  const elb = new ElasticLoadBalancingV2Client(client);
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
  const balancer = TargetGroups[0]?.LoadBalancerArns?.[0] ?? "";
  return { LoadBalancer: balancer.split(":loadbalancer/")[1] ?? "", TargetGroup: group.split(":").pop() ?? "" };
}
