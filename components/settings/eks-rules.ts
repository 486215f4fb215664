import { overlap, parseCidr } from "../cidr";
import { serviceCidr, supportedVersions } from "../eks-versions";
import type { Problem } from "../problems";
import type { Values } from "./keys";
import { usesEks } from "./model";

type Written = Pick<Values, "target" | "variants" | "eks">;

export function eksProblems({ network, ...written }: Written & Pick<Values, "network">): Problem[] {
  if (!usesEks(written)) return [];
  return written.eks.cluster ? placeProblems(network) : [...clusterProblems(written.eks), ...rangeProblems(network)];
}

/** The load balancer reaches the pods of an existing cluster only from inside its VPC. */
function placeProblems(network: Values["network"]): Problem[] {
  if ("vpcId" in network) return [];
  return [
    { key: "network", value: network, expected: "the vpcId and the subnets of the cluster that eks.cluster names" },
  ];
}

function clusterProblems(eks: Values["eks"]): Problem[] {
  const today = new Date().toISOString().slice(0, 10);
  const offered = supportedVersions(eks.support, today);
  const version = {
    key: "eks.version",
    value: eks.version,
    expected: `a version in ${eks.support.toLowerCase()} support on ${today}: ${offered.join(", ")}`,
  };
  const endpoint = {
    key: "eks.endpointCidrs",
    value: eks.endpointCidrs,
    expected: 'who may reach the public endpoint of the cluster: ["0.0.0.0/0"] for everyone, or your own blocks',
  };
  return [
    ...(offered.includes(eks.version) ? [] : [version]),
    ...(eks.endpoint === "public" && eks.endpointCidrs.length === 0 ? [endpoint] : []),
  ];
}

function rangeProblems(network: Values["network"]): Problem[] {
  if ("vpcId" in network) return [];
  const [block, services] = [parseCidr(network.cidr), parseCidr(serviceCidr)];
  if (!block || !services || !overlap(block, services)) return [];
  const expected = `a block that does not overlap with ${serviceCidr}, the addresses of services inside the cluster`;
  return [{ key: "network.cidr", value: network.cidr, expected }];
}

/** The AWS provider of the Secrets Store driver reads one region; ECS reads any (secret_descriptor.go: "ARN region must match region"). */
export function secretProblems(
  { secrets, apiKeys, ...written }: Written & Pick<Values, "secrets" | "apiKeys">,
  region: string,
): Problem[] {
  if (!usesEks(written) || region === "") return [];
  const named = Object.entries(secrets).map(([name, arn]) => [`secrets.${name}`, arn] as const);
  return [...named, ["apiKeys", apiKeys] as const]
    .filter(([, arn]) => arn !== "none" && arn.split(":")[3] !== region)
    .map(([key, arn]) => ({
      key,
      value: `an arn in ${arn.split(":")[3]}`,
      expected: `a secret in ${region}: pods on EKS read no other region; \`aws secretsmanager replicate-secret-to-regions\` copies one`,
    }));
}
