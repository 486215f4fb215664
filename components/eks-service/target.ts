import type { AwsTarget } from "../targets/target";
import type { EksOutputs } from ".";
import { registrableBy } from "./controller";
import { notes } from "./notes";
import { pricing } from "./pricing";

export const eks: AwsTarget<"eks", EksOutputs> = {
  name: "eks",
  title: "EKS",
  label: "EKS",
  componentType: "inference:aws:EksService",
  runsOn: "aws",
  // A network policy opens pods by label, not by security group.
  capabilities: { cluster: true, schedule: true, requestScaling: true, internalCallers: false },
  notes,
  preflight: async (settings, account) => (await import("./preflight")).eksProblemsInAccount(settings, account),
  pricing,
  // The name of the cluster: its controller deregisters the targets that another one registered.
  attachment: ({ eks: { cluster }, clusterName }) => ({
    replacementTrigger: clusterName,
    tags: registrableBy(cluster?.controller, clusterName),
  }),
  profile: async () => (await import("./profile")).profile,
  create: async (name, { settings, ...args }, opts) => {
    const { EksService } = await import(".");
    const { region, clusterName, eks } = settings;
    return new EksService(name, { ...args, region, clusterName, eks }, opts);
  },
};
