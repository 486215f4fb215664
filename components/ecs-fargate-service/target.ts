import type * as pulumi from "@pulumi/pulumi";
import { ecsApi } from "../aws/ecs";
import { deploymentError } from "../core/problems";
import type { Settings } from "../settings";
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
  notes: ({ ecs: { cluster } }) => [
    {
      applies: cluster !== undefined,
      text: `insights is kept and ignored on ECS: the owner of the cluster ${cluster} decides on Container Insights, and the prices leave its metrics out`,
    },
  ],
  preflight: async (settings, { running, opts }) =>
    (await import("./existing-cluster")).existingClusterProblems(settings, running, opts),
  pricing,
  // A service cannot move to another cluster. With a group of its own the new one serves before the old one is deleted.
  attachment: ({ ecs: { cluster } }) => ({
    replacementTrigger: cluster === undefined ? "ecs" : `ecs ${cluster}`,
    tags: {},
  }),
  profile: async () => (await import("./profile")).profile,
  create: async (name, { settings, connection, ...args }, opts) => {
    const { EcsFargateService } = await import(".");
    const { region, internalCallers } = settings;
    const cluster = await existingCluster(settings, opts);
    return new EcsFargateService(name, { ...args, region, internalCallers, cluster, api: ecsApi(connection) }, opts);
  },
};

async function existingCluster({ ecs: { cluster } }: Pick<Settings, "ecs">, opts: pulumi.ComponentResourceOptions) {
  if (cluster === undefined) return undefined;
  const { readCluster } = await import("./existing-cluster");
  const found = await readCluster(cluster, opts);
  // Preflight has found it. Without it the component would create one.
  if (!found) throw deploymentError(`The ECS cluster ${cluster} no longer exists`);
  return found;
}
