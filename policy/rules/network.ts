import { isWorld, list, object, type Properties, type Resource, type ResourceRule, type StackRule } from "./rule";

interface Opening {
  readonly from: unknown;
  readonly to: unknown;
  readonly protocol: unknown;
}

const worldIn = (props: Properties, ...keys: readonly string[]) => keys.some((key) => list(props[key]).some(isWorld));

/** What a resource opens to every address. The three types are the three ways of the provider. */
function openings({ type, props }: Resource): Opening[] {
  if (type === "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    return worldIn(props, "cidrIpv4", "cidrIpv6")
      ? [{ from: props.fromPort, to: props.toPort, protocol: props.ipProtocol }]
      : [];
  const rules =
    type === "aws:ec2/securityGroup:SecurityGroup"
      ? list(props.ingress).map(object)
      : type === "aws:ec2/securityGroupRule:SecurityGroupRule" && props.type === "ingress"
        ? [props]
        : [];
  return rules
    .filter((rule) => worldIn(rule, "cidrBlocks", "ipv6CidrBlocks"))
    .map(({ fromPort, toPort, protocol }) => ({ from: fromPort, to: toPort, protocol }));
}

export const openSecurityGroup: StackRule = {
  name: "open-security-group",
  description: "A security group admits every address only on the port of a load balancer's listener in the stack.",
  inStack: (resources) => {
    const listeners = resources.filter(({ type }) => /^aws:[a-z]*lb[a-z0-9]*\/listener:Listener$/.test(type));
    const ports = listeners.map(({ props }) => props.port);
    const isListener = ({ from, to, protocol }: Opening) => protocol === "tcp" && from === to && ports.includes(from);
    return resources.flatMap((resource) =>
      openings(resource)
        .filter((opening) => !isListener(opening))
        .map(({ from, to, protocol }) => ({
          resource,
          text: `opens ${protocol} ${from} to ${to} to every address; expected a listener's port, or the callers' blocks`,
        })),
    );
  },
};

export const listenerTlsPolicy: ResourceRule = {
  name: "listener-tls-policy",
  description:
    "A listener with TLS refuses versions below 1.2: its policy is one of ELBSecurityPolicy-TLS13-1-2 or 1-3.",
  types: ["aws:lb/listener:Listener", "aws:alb/listener:Listener"],
  violations: ({ props: { protocol, sslPolicy } }) => {
    const isFit = /^ELBSecurityPolicy-TLS13-1-[23]\b/.test(String(sslPolicy));
    if (!["HTTPS", "TLS"].includes(String(protocol)) || isFit) return [];
    return [`sslPolicy is ${sslPolicy ?? "missing"}; expected ELBSecurityPolicy-TLS13-1-2-2021-06 or a newer one`];
  },
};

export const publicEksEndpoint: ResourceRule = {
  name: "public-eks-endpoint",
  description: "The Kubernetes API of a cluster is private, or open to named blocks only.",
  advisoryBecause:
    "Pulumi itself must reach the API. The stack files as shipped open it to everyone who has credentials.",
  types: ["aws:eks/cluster:Cluster"],
  violations: ({ props }) => {
    const { endpointPublicAccess = true, publicAccessCidrs } = object(props.vpcConfig);
    const blocks = list(publicAccessCidrs);
    const isOpen = endpointPublicAccess !== false && (blocks.length === 0 || blocks.some(isWorld));
    return isOpen ? ["the Kubernetes API admits every address; expected publicAccessCidrs without 0.0.0.0/0"] : [];
  },
};
