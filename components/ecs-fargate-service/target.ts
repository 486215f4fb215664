import { ecsApi } from "../aws/ecs";
import type { AwsTarget } from "../targets/target";
import type { EcsOutputs } from ".";
import { pricing } from "./pricing";

export const ecsFargate: AwsTarget<"ecs", EcsOutputs> = {
  name: "ecs",
  title: "ECS Fargate",
  label: "ECS",
  componentType: "inference:aws:EcsFargateService",
  runsOn: "aws",
  capabilities: { cluster: false, schedule: true, requestScaling: true, internalCallers: true },
  notes: () => [],
  preflight: async () => [],
  pricing,
  attachment: () => ({ replacementTrigger: "ecs", tags: {} }),
  profile: async () => (await import("./profile")).profile,
  create: async (name, { settings, connection, ...args }, opts) => {
    const { EcsFargateService } = await import(".");
    const { region, internalCallers } = settings;
    return new EcsFargateService(name, { ...args, region, internalCallers, api: ecsApi(connection) }, opts);
  },
};
