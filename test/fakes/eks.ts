import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult } from "@pulumi/pulumi/provider";
import { region } from "./aws-shapes";
import { serve } from "./provider";
import type { Properties } from "./values";

const managed = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const clusterPolicies = ["Cluster", "Compute", "BlockStorage", "LoadBalancing", "Networking"].map((part) =>
  managed(`AmazonEKS${part}Policy`),
);
const nodePolicies = [managed("AmazonEKSWorkerNodeMinimalPolicy"), managed("AmazonEC2ContainerRegistryPullOnly")];

interface AccessEntry {
  readonly principalArn: string;
  readonly accessPolicies: Readonly<Record<string, { policyArn: string; accessScope: { type: string } }>>;
}

const shortHash = (text: string) => createHash("sha1").update(text).digest("hex").slice(0, 8);

function createRole(name: string, service: string, policies: readonly string[], parent: pulumi.CustomResourceOptions) {
  const inside = { parent: new pulumi.ComponentResource("eks:index:ServiceRole", name, {}, parent) };
  const assumeRolePolicy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: ["sts:AssumeRole", "sts:TagSession"] }],
  });
  const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy }, inside);
  const attached = policies.map(
    (policyArn) =>
      new aws.iam.RolePolicyAttachment(`${name}-${shortHash(policyArn)}`, { role: role.name, policyArn }, inside),
  );
  return { role, attached };
}

function grantAccess(name: string, cluster: aws.eks.Cluster, args: Properties, inside: pulumi.CustomResourceOptions) {
  const entries = Object.entries((args.accessEntries ?? {}) as Record<string, AccessEntry>);
  for (const [label, { principalArn, accessPolicies }] of entries) {
    const clusterName = cluster.name;
    const entry = new aws.eks.AccessEntry(`${name}-${label}`, { clusterName, principalArn }, inside);
    for (const [policy, given] of Object.entries(accessPolicies)) {
      new aws.eks.AccessPolicyAssociation(
        `${name}-${label}-${policy}`,
        { clusterName, principalArn, ...given },
        { ...inside, dependsOn: [entry] },
      );
    }
  }
}

function kubeconfigOf({ endpoint, certificateAuthority, name }: aws.eks.Cluster) {
  return pulumi.all([endpoint, certificateAuthority.data, name]).apply(([server, authority, clusterName]) => ({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "cluster",
        cluster: { server: process.env.FAKE_CLUSTER ?? server, "certificate-authority-data": authority },
      },
    ],
    contexts: [{ name: "context", context: { cluster: "cluster", user: "user" } }],
    "current-context": "context",
    users: [
      {
        name: "user",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["--region", region, "eks", "get-token", "--cluster-name", clusterName, "--output", "json"],
            env: [{ name: "KUBERNETES_EXEC_INFO", value: '{"apiVersion": "client.authentication.k8s.io/v1beta1"}' }],
          },
        },
      },
    ],
  }));
}

/** Resources that pulumi-eks creates for its own nodes, even with Auto Mode. */
function letNodesJoin(name: string, cluster: aws.eks.Cluster, inside: pulumi.CustomResourceOptions) {
  const policies = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"];
  const { role } = createRole(`${name}-instanceRole`, "ec2.amazonaws.com", policies.map(managed), inside);
  new aws.iam.InstanceProfile(`${name}-instanceProfile`, { role: role.name }, inside);
  const joins = { clusterName: cluster.name, principalArn: role.arn, type: "EC2_LINUX" };
  new aws.eks.AccessEntry(`${name}-defaultNodeGroupInstanceRole`, joins, inside);
}

/** A fake pulumi-eks cluster with Auto Mode: the same roles, policies, cluster and access entries, and the outputs in use. */
function createCluster(name: string, args: Properties, options: pulumi.ComponentResourceOptions): ConstructResult {
  const component = new pulumi.ComponentResource("eks:index:Cluster", name, {}, options);
  const inside = { parent: component };
  const given = <T>(key: string) => args[key] as pulumi.Input<T> | undefined;
  const { role, attached } = createRole(`${name}-eksRole`, "eks.amazonaws.com", clusterPolicies, inside);
  const node = createRole(`${name}-nodeRole`, "ec2.amazonaws.com", nodePolicies, inside);
  const { computeConfig = {} } = (args.autoMode ?? {}) as { computeConfig?: aws.types.input.eks.ClusterComputeConfig };
  const cluster = new aws.eks.Cluster(
    `${name}-eksCluster`,
    {
      name: given("name"),
      version: given("version"),
      roleArn: role.arn,
      upgradePolicy: given("upgradePolicy"),
      accessConfig: { authenticationMode: given("authenticationMode"), bootstrapClusterCreatorAdminPermissions: true },
      bootstrapSelfManagedAddons: false,
      computeConfig: { enabled: true, nodeRoleArn: node.role.arn, ...computeConfig },
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
      storageConfig: { blockStorage: { enabled: true } },
      encryptionConfig: {
        provider: { keyArn: given<string>("encryptionConfigKeyArn") ?? "" },
        resources: ["secrets"],
      },
      enabledClusterLogTypes: given("enabledClusterLogTypes"),
      vpcConfig: {
        subnetIds: given<string[]>("privateSubnetIds") ?? [],
        endpointPrivateAccess: given("endpointPrivateAccess"),
        endpointPublicAccess: given("endpointPublicAccess"),
        publicAccessCidrs: given("publicAccessCidrs"),
      },
    },
    { ...inside, dependsOn: [...attached, ...node.attached] },
  );
  grantAccess(name, cluster, args, inside);
  const kubeconfig = kubeconfigOf(cluster);
  new k8s.Provider(`${name}-eks-k8s`, { kubeconfig: pulumi.jsonStringify(kubeconfig) }, inside);
  if (args.skipDefaultNodeGroup !== true) letNodesJoin(name, cluster, inside);
  const { enabled = true } = (args.corednsAddonOptions ?? {}) as { enabled?: boolean };
  if (enabled) new aws.eks.Addon(`${name}-coredns`, { clusterName: cluster.name, addonName: "coredns" }, inside);
  return {
    urn: component.urn,
    state: {
      eksCluster: cluster,
      clusterSecurityGroupId: cluster.vpcConfig.clusterSecurityGroupId,
      clusterIngressRuleId: "",
      kubeconfig,
      kubeconfigJson: pulumi.jsonStringify(kubeconfig),
    },
  };
}

serve("eks", {
  realise: (urn) => {
    throw new Error(`${urn}: the fake provider has only the cluster component`);
  },
  construct: async (name, type, inputs, options) => {
    if (type !== "eks:index:Cluster") throw new Error(`${type}: the fake provider builds eks:index:Cluster only`);
    return createCluster(name, inputs as Properties, options);
  },
});
