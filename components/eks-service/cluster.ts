import * as aws from "@pulumi/aws";
import { Cluster as EksCluster } from "@pulumi/eks";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SupportType } from "../eks-versions";

export interface ClusterArgs {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly privateSubnetIds: pulumi.Input<string[]>;
  };
  /** Known before the cluster: target groups carry it, and the nodes may only register targets with those that do. */
  readonly clusterName: string;
  readonly eks: {
    readonly version: string;
    readonly support: SupportType;
    readonly endpoint: "public" | "private";
    readonly endpointCidrs: readonly string[];
    readonly deployerArns: readonly string[];
  };
}

export interface Cluster {
  /** Resolves once the cluster is there. */
  readonly name: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  /** For all that is made inside: it waits for the whole cluster, access entries included, not only for its address. */
  readonly options: { readonly provider: k8s.Provider; readonly dependsOn: readonly pulumi.Resource[] };
}

export function createCluster(name: string, args: ClusterArgs, inside: pulumi.ResourceOptions): Cluster {
  const { network, clusterName, eks: settings } = args;
  const key = new aws.kms.Key(
    `${name}-eks`,
    { description: `Secrets of the cluster ${clusterName}`, enableKeyRotation: true, deletionWindowInDays: 7 },
    inside,
  );
  const cluster = new EksCluster(
    name,
    {
      name: clusterName,
      version: settings.version,
      upgradePolicy: { supportType: settings.support },
      autoMode: { enabled: true, computeConfig: { nodePools: ["system"] } },
      authenticationMode: "API",
      accessEntries: accessEntries(settings.deployerArns),
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      endpointPrivateAccess: true,
      endpointPublicAccess: settings.endpoint === "public",
      ...(settings.endpoint === "public" && { publicAccessCidrs: [...settings.endpointCidrs] }),
      enabledClusterLogTypes: ["api", "audit", "authenticator"],
      encryptionConfigKeyArn: key.arn,
      createOidcProvider: false,
    },
    inside,
  );
  const metrics = new aws.eks.Addon(
    `${name}-metrics-server`,
    { clusterName, addonName: "metrics-server" },
    { ...inside, dependsOn: [cluster] },
  );
  const provider = new k8s.Provider(
    `${name}-eks`,
    { kubeconfig: cluster.kubeconfigJson, clusterIdentifier: clusterName },
    inside,
  );
  return {
    name: cluster.clusterSecurityGroupId.apply(() => clusterName),
    securityGroupId: cluster.clusterSecurityGroupId,
    kubeconfig: pulumi.secret(cluster.kubeconfigJson),
    options: { provider, dependsOn: [cluster, metrics] },
  };
}

const administrator = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

/** Whoever deploys besides the cluster's creator: named by what is left of the arn, so that the order does not matter. */
function accessEntries(deployerArns: readonly string[]) {
  const entries = deployerArns.map((principalArn) => {
    const policies = { admin: { policyArn: administrator, accessScope: { type: "cluster" } } };
    return [principalArn.split("/").pop() ?? principalArn, { principalArn, accessPolicies: policies }] as const;
  });
  return Object.fromEntries(entries);
}
