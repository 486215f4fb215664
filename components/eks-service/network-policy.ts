import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Egress, httpsEverywhere } from "../core/egress";
import type { ServiceSpec } from "../core/service-spec";
import type { Cluster } from "./cluster";

export interface NetworkPolicyArgs {
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
  readonly spec: Pick<ServiceSpec, "port" | "egress">;
  /** The blocks of the load balancer. */
  readonly callers: pulumi.Input<readonly string[]>;
}

/** Lets in the load balancer and namespaces that carry the label `inference/caller: allowed`, and lets out what `egress` names. */
export function closeNetwork(
  name: string,
  { cluster, namespace, spec, callers }: NetworkPolicyArgs,
  within: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const policy = new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { namespace },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: pulumi
              .output(callers)
              .apply((cidrs) => [
                ...cidrs.map((cidr) => ({ ipBlock: { cidr } })),
                { namespaceSelector: { matchLabels: { "inference/caller": "allowed" } } },
              ]),
            ports: [{ protocol: "TCP", port: spec.port }],
          },
        ],
        egress: [nameResolution, podIdentity, ...[httpsEverywhere, ...Object.values(spec.egress)].map(egressRule)],
      },
    },
    // Policies add up: until an old load balancer or the pods with an old port are gone, the old policy lets their requests in. It names the
    // number: the VPC CNI takes a name only from a Service whose own port is that of the container (eks/latest/userguide/cni-network-policy.html).
    { ...within, replacementTrigger: pulumi.all([callers, spec.port]) },
  );
  return cluster.own ? [enforceNetworkPolicies(name, within), policy] : [policy];
}

/**
 * Port 53 of any address. Auto Mode answers DNS on each node and under the address of a cluster service that has no pods, so a selector
 * does not match it (https://github.com/aws/containers-roadmap/issues/2552); an existing cluster may have a cache with another address.
 */
const nameResolution = {
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** The agent gives credentials under two link-local addresses (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html). */
const podIdentity = {
  to: ["169.254.170.23/32", "fd00:ec2::23/128"].map((cidr) => ({ ipBlock: { cidr } })),
  ports: [{ protocol: "TCP", port: 80 }],
};

/** Always with ports: the VPC CNI loses a rule for all ports of a block that another rule opens too (aws-network-policy-agent#180). */
const egressRule = ({ cidr, protocol, port }: Egress) => ({
  to: [{ ipBlock: { cidr } }],
  ports: [{ protocol: protocol.toUpperCase(), port: port.from, ...(port.to > port.from && { endPort: port.to }) }],
});

/** Without it Auto Mode accepts network policies but does not enforce them. */
const enforceNetworkPolicies = (name: string, within: pulumi.CustomResourceOptions) =>
  new k8s.core.v1.ConfigMap(
    `${name}-network-policy`,
    {
      metadata: { namespace: "kube-system", name: "amazon-vpc-cni" },
      data: { "enable-network-policy-controller": "true" },
    },
    within,
  );
