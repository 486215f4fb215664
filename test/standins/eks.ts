import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult } from "@pulumi/pulumi/provider";
import { serve } from "./provider";
import type { Properties } from "./values";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "eks.amazonaws.com" }, Action: ["sts:AssumeRole", "sts:TagSession"] },
  ],
});

/** The cluster of pulumi-eks as far as its users can tell: role, policy and cluster, with the outputs that are used. */
function createCluster(name: string, args: Properties, options: pulumi.ComponentResourceOptions): ConstructResult {
  const component = new pulumi.ComponentResource("eks:index:Cluster", name, {}, options);
  const inside = { parent: component };
  const role = new aws.iam.Role(`${name}-eksRole`, { assumeRolePolicy: trust }, inside);
  const policyArn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
  const policy = new aws.iam.RolePolicyAttachment(`${name}-eksRole`, { role: role.name, policyArn }, inside);
  const subnetIds = pulumi.output(args.privateSubnetIds ?? args.subnetIds ?? []) as pulumi.Output<string[]>;
  const cluster = new aws.eks.Cluster(
    `${name}-eksCluster`,
    { name: args.name as pulumi.Input<string> | undefined, roleArn: role.arn, vpcConfig: { subnetIds } },
    { ...inside, dependsOn: [policy] },
  );
  const kubeconfig = cluster.endpoint.apply((server) => ({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: { server } }],
    contexts: [{ name: "context", context: { cluster: "cluster", user: "user" } }],
    "current-context": "context",
    users: [{ name: "user", user: {} }],
  }));
  return {
    urn: component.urn,
    state: {
      eksCluster: cluster,
      clusterSecurityGroupId: cluster.vpcConfig.clusterSecurityGroupId,
      clusterIngressRuleId: "",
      kubeconfig: pulumi.secret(kubeconfig),
      kubeconfigJson: pulumi.secret(pulumi.jsonStringify(kubeconfig)),
    },
  };
}

serve("eks", {
  realise: (urn) => {
    throw new Error(`${urn}: the stand-in has the cluster component only`);
  },
  construct: async (name, type, inputs, options) => {
    if (type !== "eks:index:Cluster") throw new Error(`${type}: the stand-in builds eks:index:Cluster only`);
    return createCluster(name, inputs as Properties, options);
  },
});
