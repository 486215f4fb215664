import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A cluster that this program creates, as its add-ons need to know it. */
export interface OwnCluster {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  /** Versions that the stack pins, by the name of the add-on. */
  readonly addonVersions: Readonly<Record<string, string>>;
}

export interface AddonArgs {
  readonly cluster: OwnCluster;
  readonly addonName: string;
  readonly configuration?: pulumi.Input<Readonly<Record<string, unknown>>>;
  readonly podIdentityAssociations?: aws.types.input.eks.AddonPodIdentityAssociation[];
}

/**
 * EKS never updates an add-on by itself (https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html), so each one gets the
 * version that is the default for the cluster's Kubernetes version at the time of the update, or the one that the stack pins.
 */
export function createAddon(
  name: string,
  { cluster, addonName, configuration, podIdentityAssociations }: AddonArgs,
  options: pulumi.CustomResourceOptions,
): aws.eks.Addon {
  const { clusterName, kubernetesVersion, addonVersions } = cluster;
  const { parent, provider } = options;
  const offered = () => aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion }, { parent, provider }).version;
  return new aws.eks.Addon(
    name,
    {
      clusterName,
      addonName,
      addonVersion: addonVersions[addonName] ?? offered(),
      ...(configuration !== undefined && { configurationValues: pulumi.jsonStringify(configuration) }),
      podIdentityAssociations,
      // Overwrites changes that somebody made to the add-on with kubectl.
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
    },
    options,
  );
}
