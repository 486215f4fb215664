import { setTimeout as sleep } from "node:timers/promises";
import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Role } from "../iam/role";
import type { Cluster } from "./cluster";

export interface IdentityArgs {
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
  readonly serviceAccount: pulumi.Input<string>;
  readonly role: Role;
}

/** EKS documents "several seconds" (API reference of CreatePodIdentityAssociation); reports name 5 to 10 (eks-pod-identity-agent#52). */
const spreadSeconds = 15;
export const afterSpreading = { hooks: { afterCreate: [() => sleep(spreadSeconds * 1000)] } };

/**
 * The role of the pods, through EKS Pod Identity. EKS injects it when a pod is created and never later: a pod that comes before the
 * association has spread has no credentials for its whole life, however often its container restarts. So no such pod is admitted.
 */
export function createIdentity(
  name: string,
  { cluster, namespace, serviceAccount, role }: IdentityArgs,
  inside: pulumi.ResourceOptions,
): aws.eks.PodIdentityAssociation {
  const isNeeded = role.policies.length > 0;
  const admission = isNeeded ? [requireCredentials(name, { cluster, namespace, serviceAccount }, inside)] : [];
  // In a new cluster the add-ons take minutes between this and the first pod.
  const mustWait = isNeeded && !cluster.own;
  return new aws.eks.PodIdentityAssociation(
    name,
    { clusterName: cluster.name, namespace, serviceAccount, roleArn: role.arn },
    {
      ...inside,
      dependsOn: [...role.policies, ...admission],
      ...(mustWait && afterSpreading),
    },
  );
}

const variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/** The API server checks it after all mutating webhooks, EKS's own included; the ReplicaSet controller tries again within seconds. */
function requireCredentials(
  name: string,
  { cluster, namespace, serviceAccount }: Omit<IdentityArgs, "role">,
  inside: pulumi.ResourceOptions,
) {
  const within = { ...inside, provider: cluster.options.provider, dependsOn: [...cluster.options.dependsOn] };
  const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
    `${name}-identity`,
    {
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        matchConditions: [
          { name: "inference", expression: pulumi.interpolate`object.spec.serviceAccountName == "${serviceAccount}"` },
        ],
        validations: [
          {
            expression: `object.spec.containers.all(c, has(c.env) && c.env.exists(e, e.name == "${variable}"))`,
            message: "EKS Pod Identity has not reached this pod yet; it is created again until it has",
          },
        ],
      },
    },
    within,
  );
  return new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
    `${name}-identity`,
    { spec: { policyName: policy.metadata.name, validationActions: ["Deny"] } },
    within,
  );
}
