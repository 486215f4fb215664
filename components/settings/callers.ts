import { overlap, parseCidr, parseCidr6 } from "../core/cidr";
import type { Problem } from "../core/problems";
import { runsOnAws } from "../targets";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { flag, ipv4Or6Block, list, text } from "./schema";

const securityGroup = text("a security group id such as sg-0123abcd", (value) => /^sg-[0-9a-f]{8,17}$/.test(value));

/** Rules of one security group, unless the account's quota was raised. */
const mostRules = 60;

export const callerKeys = {
  ingressCidrs: entry({
    schema: list(ipv4Or6Block),
    fallback: [],
    text: 'The address blocks that may call the load balancer. `["0.0.0.0/0"]` is everyone. The default lets nobody call, so every stack on AWS sets this key, except with `gateway`.',
    example: { ingressCidrs: ["203.0.113.0/24"] },
  }),
  dualstack: entry({
    schema: flag,
    fallback: false,
    text: "Lets callers use IPv6 as well. Replicas stay on IPv4.",
    example: { dualstack: true, network: { ipv6: true }, ingressCidrs: ["0.0.0.0/0", "::/0"] },
  }),
  internal: entry({
    schema: flag,
    fallback: false,
    text: "Puts the load balancer into the private subnets, without a public address: only callers inside the network reach it. A change creates a new load balancer and moves the service to it before the old one is deleted. Without a domain the url changes.",
    example: { internal: true, ingressCidrs: ["10.0.0.0/8"] },
  }),
  internalCallers: entry({
    schema: list(securityGroup),
    fallback: [],
    text: "Security groups whose members may call ECS tasks directly, without the load balancer, at the output `internalUrl`. AWS Cloud Map needs a hosted zone for it, which costs 0.50 USD a month. On EKS, namespaces with the label `inference/caller: allowed` may call.",
    example: { internalCallers: ["sg-0123456789abcdef0"] },
  }),
};

export const callerRules = [
  whenValid({
    key: "ingressCidrs",
    fact: `A stack on AWS without a \`gateway\` has 1 to ${mostRules} blocks, or to ${mostRules / 2} with a domain. AWS allows no more in one security group.`,
    reads: ["target", "ingressCidrs", "domain", "gateway"],
    problems: countProblems,
  }),
  whenValid({
    key: "ingressCidrs",
    fact: "Blocks do not overlap.",
    reads: ["target", "ingressCidrs", "domain", "gateway"],
    problems: overlapProblems,
  }),
  whenValid({
    key: "ingressCidrs",
    fact: "IPv6 blocks need `dualstack: true`.",
    reads: ["target", "dualstack", "ingressCidrs", "gateway"],
    problems: ipv4OnlyProblems,
  }),
  whenValid({
    key: "dualstack",
    fact: "Needs `network.ipv6: true`, or public subnets with IPv6 in an existing VPC, and an IPv6 block among `ingressCidrs`. Excludes `internal`: private subnets have no IPv6 addresses.",
    reads: ["target", "dualstack", "internal", "network", "ingressCidrs", "gateway"],
    problems: dualstackProblems,
  }),
  whenValid({
    key: "internalCallers",
    fact: "Each security group appears once.",
    reads: ["internalCallers"],
    problems: repeatedGroupProblems,
  }),
];

type Ingress = Pick<Values, "target" | "ingressCidrs" | "domain" | "gateway">;

function countProblems({ target, ingressCidrs, domain, gateway }: Ingress): Problem[] {
  // The owner of an existing listener decides who may call.
  if (!runsOnAws(target) || gateway) return [];
  const key = "ingressCidrs";
  if (ingressCidrs.length === 0) {
    return [
      { key, value: ingressCidrs, expected: 'the blocks that may call: your own, or ["0.0.0.0/0"] for everyone' },
    ];
  }
  // A rule for each port: HTTPS, and HTTP, which redirects to it.
  const mostCidrs = domain ? mostRules / 2 : mostRules;
  if (ingressCidrs.length <= mostCidrs) return [];
  const expected = `at most ${mostCidrs} blocks, as many as AWS allows one group`;
  return [{ key, value: ingressCidrs.length, expected }];
}

function overlapProblems(values: Ingress): Problem[] {
  if (!runsOnAws(values.target) || values.gateway || countProblems(values).length > 0) return [];
  const blocks = values.ingressCidrs.map((text) => ({ text, block: parseCidr(text) ?? parseCidr6(text) }));
  return blocks.flatMap(({ text, block }, index) => {
    const before = blocks.slice(0, index).filter((earlier) => block && earlier.block && overlap(block, earlier.block));
    const others = [...new Set(before.map((earlier) => earlier.text))].join(", ");
    const expected = `a block that does not overlap with ${others}`;
    return before.length > 0 ? [{ key: `ingressCidrs[${index}]`, value: text, expected }] : [];
  });
}

const isIpv6 = (block: string) => block.includes(":");

function ipv4OnlyProblems({
  target,
  dualstack,
  ingressCidrs,
  gateway,
}: Pick<Values, "target" | "dualstack" | "ingressCidrs" | "gateway">): Problem[] {
  if (!runsOnAws(target) || dualstack || gateway) return [];
  const expected = "an IPv4 block, or dualstack: true beside it: the load balancer has no IPv6 address";
  return ingressCidrs.flatMap((value, index) =>
    isIpv6(value) ? [{ key: `ingressCidrs[${index}]`, value, expected }] : [],
  );
}

function dualstackProblems({
  target,
  dualstack,
  internal,
  network,
  ingressCidrs,
  gateway,
}: Pick<Values, "target" | "dualstack" | "internal" | "network" | "ingressCidrs" | "gateway">): Problem[] {
  if (!runsOnAws(target) || !dualstack || gateway) return [];
  const inside = {
    key: "dualstack",
    value: true,
    expected: "false with internal: private subnets have no IPv6 addresses",
  };
  const withoutIpv6 = {
    key: "network.ipv6",
    value: false,
    expected: "true with dualstack: it gives the public subnets their addresses",
  };
  const closed = {
    key: "ingressCidrs",
    value: ingressCidrs,
    expected: 'an IPv6 block as well with dualstack, such as "::/0" for everyone',
  };
  return [
    ...(internal ? [inside] : []),
    ...("ipv6" in network && !network.ipv6 ? [withoutIpv6] : []),
    ...(ingressCidrs.length > 0 && !ingressCidrs.some(isIpv6) ? [closed] : []),
  ];
}

function repeatedGroupProblems({ internalCallers }: Pick<Values, "internalCallers">): Problem[] {
  return internalCallers.flatMap((value, index) =>
    internalCallers.indexOf(value) < index
      ? [{ key: `internalCallers[${index}]`, value, expected: "each security group once" }]
      : [],
  );
}
