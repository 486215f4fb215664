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

/** One label of a host name; Kubernetes and Cloud Map take no longer one. */
const longestName = 63;

/** What AWS names after the stack as it is, so that other things can know the name before it is there. */
export function stackNameProblems(project: string, stack: string, written: Written): Problem[] {
  if (!usesEks(written) || written.eks.cluster) return [];
  const name = `${project}-${stack}`;
  if (name.length <= longestName && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) return [];
  const room = longestName - project.length - 1;
  return [
    {
      key: "stack",
      value: stack,
      expected: `a stack name of at most ${room} letters, digits, - and _: the cluster is named ${project}-<stack>`,
    },
  ];
}
