import type { Account, Held } from "../../../fakes/account";
import { lastPart } from "../../../fakes/aws-shapes";

const services = (account: Account) => account.of("aws:ecs/service:Service");

/** ECS reports in an event that an alarm ended a deployment, and names the alarm only in the deployment itself. */
function outcomeOf(failure: Held["failure"]) {
  const { reason = "" } = failure ?? {};
  const [, message = reason, alarm] = reason.match(/^(.*alarm detected): (\S+)$/) ?? [];
  return { message, alarm };
}

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
    deployments: [{ status: "PRIMARY", taskDefinition, rolloutState: neverRan ? "FAILED" : "COMPLETED" }],
  };
}

interface UpdateServiceRequest {
  readonly cluster: string;
  readonly service: string;
  readonly desiredCount: number;
}

function updateService(account: Account, { cluster, service, desiredCount }: UpdateServiceRequest): unknown {
  const found = services(account).find(
    ({ inputs }) => lastPart(inputs.cluster) === lastPart(cluster) && inputs.name === service,
  );
  if (found) account.drift(found.urn, { desiredCount });
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

export function answerEcs(account: Account, action: string, body: string): unknown {
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
