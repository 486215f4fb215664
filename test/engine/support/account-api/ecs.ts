import type { Account, Held } from "../../../fakes/account";
import { lastPart } from "../../../fakes/aws-shapes";

const services = (account: Account) => account.of("aws:ecs/service:Service");

/** ECS reports in an event that an alarm ended a deployment, and names the alarm only in the deployment itself. */
function outcomeOf(failure: Held["failure"]) {
  const { reason = "" } = failure ?? {};
  const [, message = reason, alarm] = reason.match(/^(.*alarm detected): (\S+)$/) ?? [];
  return { message, alarm };
}

/** How often a deployment was forced, by the ARN of the service. */
const forced = new Map<string, number>();

/** A service as ECS describes it: after a failed deployment it runs what it ran before. */
function describeService({ id, inputs, failure }: Held) {
  const { desiredCount = 1, taskDefinition, name } = inputs;
  const neverRan = failure?.op === "create";
  const runningCount = neverRan ? 0 : desiredCount;
  return {
    serviceArn: id,
    serviceName: name,
    status: "ACTIVE",
    taskDefinition,
    desiredCount,
    runningCount,
    events: [outcomeOf(failure)].flatMap(({ message }) => (message === "" ? [] : [{ id: "1", createdAt: 0, message }])),
    loadBalancers: inputs.loadBalancers,
    deployments: [
      {
        id: `ecs-svc/${forced.get(id) ?? 0}`,
        status: "PRIMARY",
        taskDefinition,
        rolloutState: neverRan ? "FAILED" : "COMPLETED",
      },
    ],
  };
}

interface UpdateServiceRequest {
  readonly cluster: string;
  readonly service: string;
  readonly desiredCount?: number;
  readonly forceNewDeployment?: boolean;
}

function updateService(
  account: Account,
  { cluster, service, desiredCount, forceNewDeployment }: UpdateServiceRequest,
): unknown {
  const found = services(account).find(
    ({ inputs }) => lastPart(inputs.cluster) === lastPart(cluster) && inputs.name === service,
  );
  if (found && desiredCount !== undefined) account.drift(found.urn, { desiredCount });
  if (found && forceNewDeployment) forced.set(found.id, (forced.get(found.id) ?? 0) + 1);
  return { service: found && describeService(found) };
}

/** One deployment for each service, identified by the service's name. */
function describeDeployments(account: Account, names: readonly string[]): unknown {
  const found = services(account).filter(({ inputs }) => names.includes(String(inputs.name)));
  return {
    serviceDeployments: found.map(({ inputs, failure }) => {
      const { alarm } = outcomeOf(failure);
      return { serviceDeploymentArn: inputs.name, createdAt: 0, alarms: { triggeredAlarmNames: alarm ? [alarm] : [] } };
    }),
  };
}

/** A task outside a service, as `npm run try` starts it. It is healthy at once. */
const trial = "arn:aws:ecs:us-east-1:123456789012:task/trial/0123456789abcdef";

function answerTrial(account: Account, action: string, body: string): unknown {
  if (action === "RunTask") return { tasks: [{ taskArn: trial }] };
  if (action === "StopTask") return {};
  const { taskDefinition: family, tasks } = JSON.parse(body) as { taskDefinition?: string; tasks?: string[] };
  if (action === "DescribeTasks" && tasks?.[0] === trial)
    return {
      tasks: [{ taskArn: trial, lastStatus: "RUNNING", containers: [{ name: "inference", healthStatus: "HEALTHY" }] }],
    };
  if (action !== "DescribeTaskDefinition") return undefined;
  const found = account.of("aws:ecs/taskDefinition:TaskDefinition").find(({ inputs }) => inputs.family === family);
  const containerDefinitions = JSON.parse(String(found?.inputs.containerDefinitions ?? "[]"));
  return { taskDefinition: { taskDefinitionArn: found?.id, containerDefinitions } };
}

export function answerEcs(account: Account, action: string, body: string): unknown {
  const ofTrial = answerTrial(account, action, body);
  if (ofTrial !== undefined) return ofTrial;
  if (action === "UpdateService") return updateService(account, JSON.parse(body));
  if (action === "ListServiceDeployments") return describeDeployments(account, [JSON.parse(body).service]);
  if (action === "DescribeServiceDeployments")
    return describeDeployments(account, JSON.parse(body).serviceDeploymentArns);
  if (action !== "DescribeServices") return { taskArns: [] };
  const { cluster, services: names } = JSON.parse(body) as { cluster: string; services: string[] };
  const found = services(account).filter(
    ({ inputs }) => lastPart(inputs.cluster) === lastPart(cluster) && names.includes(String(inputs.name)),
  );
  return { services: found.map(describeService), failures: [] };
}
