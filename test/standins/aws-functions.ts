import type { Account } from "./account";
import { accountId, lastPart, region } from "./aws-shapes";
import type { Properties } from "./values";

const zones = ["a", "b", "c", "d"].map((letter) => `${region}${letter}`);

/** The service as AWS would describe it now, which after a roll-back is not as it was declared. */
function service({ clusterArn, serviceName }: Properties, account: Account): Properties {
  const found = account
    .of("aws:ecs/service:Service")
    .find((one) => one.inputs.name === serviceName && lastPart(one.inputs.cluster) === lastPart(clusterArn));
  if (found === undefined) throw new Error(`ServiceNotFoundException: ${String(serviceName)} in ${String(clusterArn)}`);
  const { desiredCount = 1, taskDefinition } = found.inputs;
  return {
    id: found.id,
    arn: found.id,
    clusterArn,
    serviceName,
    status: "ACTIVE",
    desiredCount,
    runningCount: desiredCount,
    pendingCount: 0,
    taskDefinition,
    events: [],
    deployments: [
      { status: "PRIMARY", taskDefinition, desiredCount, runningCount: desiredCount, rolloutState: "COMPLETED" },
    ],
  };
}

const functions: Record<string, (inputs: Properties, account: Account) => Properties> = {
  "aws:index/getRegion:getRegion": () => ({ id: region, name: region, region }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: accountId,
    accountId,
    arn: `arn:aws:iam::${accountId}:user/stand-in`,
    userId: "AIDASTANDIN",
  }),
  "aws:index/getPartition:getPartition": () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ id: region, names: zones, zoneIds: zones }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    id: region,
    userName: "AWS",
    password: "stand-in-registry-password",
    proxyEndpoint: `https://${accountId}.dkr.ecr.${region}.amazonaws.com`,
  }),
  "aws:ecs/getService:getService": service,
};

export function invoke(token: string, inputs: Properties, account: Account): Properties {
  const answer = functions[token];
  if (answer === undefined) throw new Error(`${token}: the stand-in has no answer for this function`);
  return answer(inputs, account);
}
