import type { EcsApi } from "../../../components/aws/ecs";
import type { BoundsApi } from "../../../components/aws/scaling-bounds";
import type { Image } from "../../../components/core/deployment";
import { EcsFargateService, type EcsFargateServiceArgs } from "../../../components/ecs-fargate-service";
import { settingsOf } from "./settings";
import { workloadOf } from "./workloads";

export const repositoryArn = "arn:aws:ecr:eu-west-1:123456789012:repository/inference";

/** Rejects every call: a preview calls no AWS API. */
export const unread: EcsApi & BoundsApi = {
  service: () => Promise.reject(new Error("ECS was asked")),
  stopReasons: () => Promise.reject(new Error("ECS was asked")),
  firedAlarms: () => Promise.reject(new Error("ECS was asked")),
  healthyTargets: () => Promise.reject(new Error("the load balancer was asked")),
  raise: () => Promise.reject(new Error("ECS was told")),
  bounds: () => Promise.reject(new Error("Application Auto Scaling was asked")),
  setBounds: () => Promise.reject(new Error("Application Auto Scaling was told")),
};

/** The component alone, on a network, an image and a route of literals. */
export function ecsService(
  own: Readonly<Record<string, unknown>> = {},
  { image, ...args }: Partial<EcsFargateServiceArgs> & { readonly image?: Partial<Image> } = {},
): EcsFargateService {
  const settings = settingsOf(own);
  return new EcsFargateService("inference", {
    network: { vpcId: "vpc-1", privateSubnetIds: ["subnet-a", "subnet-b"] },
    region: "eu-west-1",
    gatewaySecurityGroups: [{ id: "sg-gateway", suffix: "" }],
    services: [
      {
        workload: workloadOf("ecs", {}, settings),
        image: { reference: "repository@sha256:0", repositoryArn, ...image },
        firstReplicas: settings.replicas.min,
        route: {
          targetGroupArn: "arn:of:the:group",
          targetGroupArnSuffix: "targetgroup/inference-ecs/1",
          loadBalancerArnSuffix: "app/inference/2",
        },
        rollbackAlarmNames: ["inference-ecs-slow", "inference-ecs-failing"],
      },
    ],
    internalCallers: settings.internalCallers,
    api: unread,
    ...args,
  });
}
