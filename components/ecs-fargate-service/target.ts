import type { Target } from "../targets/target";
import { pricing } from "./pricing";

export const ecsFargate: Target<"ecs", "aws"> = {
  name: "ecs",
  title: "ECS Fargate",
  label: "ECS",
  componentType: "inference:aws:EcsFargateService",
  runsOn: "aws",
  capabilities: { schedule: true, requestScaling: true, internalCallers: true },
  notes: () => [],
  preflight: async () => [],
  pricing,
  attachment: () => ({ replacementTrigger: "ecs", tags: {} }),
  profile: async () => (await import("./profile")).profile,
};
