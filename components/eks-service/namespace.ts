import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ImageCredentials } from "../core/deployment";
import type { ServiceSpec } from "../core/service-spec";
import { createRole } from "../iam/role";
import { type CapacityMix, isMixed } from "./capacity";
import type { Cluster } from "./cluster";
import { createIdentity } from "./identity";
import { closeNetwork } from "./network-policy";
import { createSecrets, type PodSecrets, secretStatements } from "./secrets";
import { type Claims, createVolumes } from "./volumes";

/** The namespace of all variants' pods, with their service account, secrets and network policy. */
export interface PodNamespace {
  readonly name: pulumi.Output<string>;
  readonly serviceAccountName: pulumi.Output<string>;
  readonly secrets?: PodSecrets;
  readonly claims: Claims;
  /** The IAM association and the network policy must exist before the first pod starts. */
  readonly needs: readonly pulumi.Resource[];
}

export interface PodNamespaceArgs {
  readonly cluster: Cluster;
  readonly spec: ServiceSpec;
  readonly mix: CapacityMix;
  readonly region: string;
  readonly callers: pulumi.Input<readonly string[]>;
  readonly imageCredentials?: ImageCredentials;
}

export function createNamespace(name: string, args: PodNamespaceArgs, inside: pulumi.ResourceOptions): PodNamespace {
  const { cluster, spec, mix, region, imageCredentials } = args;
  const within = { ...inside, provider: cluster.options.provider, dependsOn: [...cluster.options.dependsOn] };
  const namespace = new k8s.core.v1.Namespace(
    name,
    {
      metadata: {
        labels: {
          // With this label a pod becomes ready only once its target is healthy.
          [cluster.controller.readinessLabel]: "enabled",
          "pod-security.kubernetes.io/enforce": podSecurity(spec),
        },
      },
    },
    within,
  );
  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: { namespace: namespace.metadata.name }, automountServiceAccountToken: false },
    within,
  );
  const role = createRole(
    `${name}-pod`,
    {
      description: "What the inference container may do",
      trusts: { service: "pods.eks.amazonaws.com", actions: ["sts:AssumeRole", "sts:TagSession"] },
      statements: [...spec.permissions, ...secretStatements({ ...spec, imageCredentials })],
      managedPolicies: spec.managedPolicies,
    },
    inside,
  );
  const identity = createIdentity(
    name,
    { cluster, role, namespace: namespace.metadata.name, serviceAccount: account.metadata.name },
    inside,
  );
  const enforcement = closeNetwork(name, { ...args, namespace: namespace.metadata.name }, within);
  return {
    name: namespace.metadata.name,
    serviceAccountName: account.metadata.name,
    secrets: createSecrets(
      name,
      {
        secrets: spec.secrets,
        imageCredentials,
        region,
        cluster,
        hasTaints: isMixed(mix),
        namespace: namespace.metadata.name,
      },
      inside,
    ),
    claims: createVolumes(name, { volumes: spec.volumes, region, cluster, namespace: namespace.metadata.name }, inside),
    needs: [identity, ...enforcement],
  };
}

/** "restricted" admits only pods that name a user other than root (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
const podSecurity = (spec: ServiceSpec) =>
  [spec, ...spec.sidecars].some(({ user }) => user === undefined || user.uid === 0) ? "baseline" : "restricted";
