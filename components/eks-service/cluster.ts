import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import { Cluster as EksCluster } from "@pulumi/eks";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { signedInAs } from "../aws/cluster-sign-in";
import type { AwsConnection } from "../aws/connection";
import { providerFor } from "../aws/providers";
import { type SupportType, serviceCidr } from "../core/eks-versions";
import { createAddon, type OwnCluster } from "./addon";
import { type Controller, type ControllerName, controllers } from "./controller";

export interface ClusterArgs {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly privateSubnetIds: pulumi.Input<string[]>;
  };
  /** Known before the cluster exists: Auto Mode registers pods only in target groups that have this name as a tag. */
  readonly clusterName: string;
  /** Creates the cluster and so has access to it. */
  readonly connection: AwsConnection;
  readonly eks: {
    readonly version: string;
    readonly support: SupportType;
    readonly endpoint: "public" | "private";
    readonly endpointCidrs: readonly string[];
    readonly deployerArns: readonly string[];
    readonly addonVersions: OwnCluster["addonVersions"];
    /** An existing cluster, instead of one that the program creates. */
    readonly cluster?: ExistingCluster;
  };
}

export interface ExistingCluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly controller: ControllerName;
}

export interface Cluster {
  /** Resolves once the cluster exists. */
  readonly name: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  /** The kubeconfig with the credentials of the `aws:` keys, for the program itself. */
  readonly signedIn: pulumi.Output<string>;
  readonly controller: Controller;
  /** Set when this program creates the cluster: only then does it also manage node pools, add-ons and what the cluster enforces. */
  readonly own?: OwnCluster;
  /** For all objects inside the cluster. It waits for the whole cluster with its access entries, not only for its address. */
  readonly options: { readonly provider: k8s.Provider; readonly dependsOn: readonly pulumi.Resource[] };
}

export function clusterFor(name: string, args: ClusterArgs, inside: pulumi.ResourceOptions): Cluster {
  const { cluster } = args.eks;
  return cluster ? existingCluster(name, cluster, inside) : createCluster(name, args, inside);
}

/** An existing cluster: the program changes nothing in its configuration. */
function existingCluster(name: string, existing: ExistingCluster, inside: pulumi.ResourceOptions): Cluster {
  const kubeconfig = pulumi.secret(existing.kubeconfig);
  const { vpcConfig } = aws.eks.getClusterOutput({ name: existing.name }, inside);
  return {
    name: pulumi.output(existing.name),
    securityGroupId: vpcConfig.clusterSecurityGroupId,
    kubeconfig,
    signedIn: kubeconfig,
    controller: controllers[existing.controller],
    options: { provider: createProvider(name, existing.name, kubeconfig, inside), dependsOn: [] },
  };
}

function createCluster(name: string, args: ClusterArgs, inside: pulumi.ResourceOptions): Cluster {
  const { network, clusterName, connection, eks: settings } = args;
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
      kubernetesServiceIpAddressRange: serviceCidr,
      createOidcProvider: false,
      // Auto Mode has its own DNS and nodes; the component would add CoreDNS and a node role.
      corednsAddonOptions: { enabled: false },
      skipDefaultNodeGroup: true,
    },
    { ...inside, provider: providerFor("eks", inside) },
  );
  const own = { clusterName, kubernetesVersion: settings.version, addonVersions: settings.addonVersions };
  const metrics = createAddon(
    `${name}-metrics-server`,
    { cluster: own, addonName: "metrics-server" },
    { ...inside, dependsOn: [cluster] },
  );
  const kubeconfig = pulumi.secret(cluster.kubeconfigJson);
  const signedIn = kubeconfig.apply((text) => signedInAs(connection, text));
  return {
    name: cluster.clusterSecurityGroupId.apply(() => clusterName),
    securityGroupId: cluster.clusterSecurityGroupId,
    kubeconfig,
    signedIn,
    controller: controllers.auto,
    own,
    options: {
      provider: createProvider(name, clusterName, signedIn, inside),
      dependsOn: [cluster, metrics],
    },
  };
}

/** Identified by the cluster's name: a new address of the same cluster must not replace the objects in it. */
const createProvider = (
  name: string,
  clusterIdentifier: string,
  kubeconfig: pulumi.Output<string>,
  inside: pulumi.ResourceOptions,
) => new k8s.Provider(`${name}-eks`, { kubeconfig, clusterIdentifier }, inside);

const administrator = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

const shortHash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** Access for further principals that deploy, besides the creator of the cluster. Named by a hash: role/ci/deploy and role/ci-deploy must not share an entry. */
function accessEntries(deployerArns: readonly string[]) {
  const entries = deployerArns.map((principalArn) => {
    const policies = { admin: { policyArn: administrator, accessScope: { type: "cluster" } } };
    return [`deployer-${shortHash(principalArn)}`, { principalArn, accessPolicies: policies }] as const;
  });
  return Object.fromEntries(entries);
}
