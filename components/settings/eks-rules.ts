import { overlap, parseCidr } from "../core/cidr";
import { serviceCidr } from "../core/eks-versions";
import type { Problem } from "../core/problems";
import type { Values } from "./keys";
import { targetsInUse } from "./model";

type Written = Pick<Values, "target" | "variants" | "eks">;

const usesEks = (written: Written) => targetsInUse(written).some(({ name }) => name === "eks");

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

/** Callers from the internet never come from these; EKS refuses them ("CIDR block can't include reserved addresses", its cluster-endpoint page). */
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseCidr);

function clusterProblems({ endpoint, endpointCidrs }: Values["eks"]): Problem[] {
  if (endpoint === "private") return [];
  if (endpointCidrs.length === 0) {
    const expected = 'who may reach the public endpoint of the cluster: ["0.0.0.0/0"] for everyone, or your own blocks';
    return [{ key: "eks.endpointCidrs", value: endpointCidrs, expected }];
  }
  return endpointCidrs.flatMap((value, index) => {
    const block = parseCidr(value);
    const isPrivate = privateBlocks.some((own) => block && own && block.prefix >= own.prefix && overlap(block, own));
    const expected = "a block of public addresses: private ones reach the cluster through its private endpoint";
    return isPrivate ? [{ key: `eks.endpointCidrs[${index}]`, value, expected }] : [];
  });
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
