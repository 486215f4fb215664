import type { Account, Held } from "./account";
import { lastPart } from "./aws-shapes";
import type { InjectedFailure } from "./injected-failures";
import { recordsIn, stringsIn } from "./values";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** The alarms that an ECS service rolls a deployment back on. */
function rollbackAlarms({ inputs }: Held): string[] {
  const { enable, rollback, alarmNames } = (inputs.alarms ?? {}) as Record<string, unknown>;
  return enable === true && rollback === true ? stringsIn(alarmNames) : [];
}

/** Why a deployment is rolled back: its failure is injected, or an alarm of its service fires. */
export function rollsBack(subject: Held, { does, message = "" }: InjectedFailure): string | undefined {
  if (does === "failDeployment") return message;
  const watched = rollbackAlarms(subject).find((name) => name.startsWith(`${message}-`));
  return does === "soundAlarm" && watched ? `deployment failed: alarm detected: ${watched}` : undefined;
}

export function refusesService(subject: Held, account: Account): string | undefined {
  const alarms = account.of(metricAlarm).map(({ inputs }) => inputs.name);
  const missing = rollbackAlarms(subject).find((name) => !alarms.includes(name));
  if (missing !== undefined) return `InvalidParameterException: the alarm ${missing} could not be found`;
  const strategy = recordsIn(subject.inputs.capacityProviderStrategies);
  if (subject.inputs.launchType !== undefined && strategy.length > 0) {
    return "InvalidParameterException: specifying both a launch type and capacity provider strategy is not supported";
  }
  const rules = [...account.of("aws:lb/listenerRule:ListenerRule"), ...account.of("aws:lb/listener:Listener")];
  for (const { targetGroupArn } of recordsIn(subject.inputs.loadBalancers)) {
    if (rules.some((rule) => stringsIn(rule.inputs).includes(String(targetGroupArn)))) continue;
    return `InvalidParameterException: the target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer`;
  }
  const providers = account
    .of("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    .filter((one) => one.inputs.clusterName === lastPart(subject.inputs.cluster))
    .flatMap((one) => stringsIn(one.inputs.capacityProviders));
  const stray = strategy.find(({ capacityProvider }) => !providers.includes(String(capacityProvider)));
  if (stray !== undefined) {
    return `InvalidParameterException: capacity provider ${stray.capacityProvider} is not associated with the cluster`;
  }
  return refusesTask(String(subject.inputs.taskDefinition), account);
}

/** AWS accepts the service, but without the policies its tasks can neither pull nor log, so it never becomes stable. */
function refusesTask(taskDefinitionArn: string, account: Account): string | undefined {
  const task = account.of("aws:ecs/taskDefinition:TaskDefinition").find((one) => one.outputs.arn === taskDefinitionArn);
  if (task === undefined) return `ClientException: unable to describe task definition ${taskDefinitionArn}`;
  const roleName = lastPart(task.inputs.executionRoleArn);
  const policies = [
    ...account.of("aws:iam/rolePolicy:RolePolicy"),
    ...account.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
  ];
  if (policies.some((policy) => policy.inputs.role === roleName)) return undefined;
  return `CannotPullContainerError: role ${roleName} has no policy that allows to pull; tasks of the service stop`;
}

export function refusesScaling(subject: Held, account: Account): string | undefined {
  const services = account
    .of("aws:ecs/service:Service")
    .map((one) => `service/${lastPart(one.inputs.cluster)}/${one.inputs.name}`);
  if (!String(subject.inputs.resourceId).startsWith("service/") || services.includes(String(subject.inputs.resourceId)))
    return undefined;
  return `ValidationException: ECS service doesn't exist: ${subject.inputs.resourceId}`;
}
