import { overlap, parseCidr } from "../cidr";
import type { Problem } from "../problems";
import { windowsOverlap } from "../schedule";
import { reservedVariables } from "../service-spec";
import { pinPriority } from "../rule-priority";
import { supportedVersions } from "../eks-versions";
import { fargateMemoryMiB } from "../task-size";
import type { Values } from "./keys";

/** What no single key can say about itself. Each rule runs only on values that are well formed on their own. */
export function crossFieldProblems(values: Values): Problem[] {
  return [
    ...sizeProblems(values),
    ...replicaProblems(values),
    ...scheduleProblems(values),
    ...networkProblems(values),
    ...ingressProblems(values),
    ...spotProblems(values),
    ...variableProblems(values),
    ...variantProblems(values),
    ...eksProblems(values),
  ];
}

function sizeProblems({ cpu, memory }: Values): Problem[] {
  const offered = fargateMemoryMiB[cpu] ?? [];
  if (offered.includes(memory)) return [];
  return [{ key: "memory", value: memory, expected: `MiB that Fargate offers with cpu ${cpu}: ${offered.join(", ")}` }];
}

function replicaProblems({ replicas }: Values): Problem[] {
  if (replicas.min <= replicas.max) return [];
  return [{ key: "replicas.min", value: replicas.min, expected: `at most replicas.max, which is ${replicas.max}` }];
}

function scheduleProblems({ schedule }: Values): Problem[] {
  const windows = Object.entries(schedule);
  const single = windows.flatMap(([name, window]) => [
    ...(window.min > window.max
      ? [{ key: `schedule.${name}.min`, value: window.min, expected: `at most its max, which is ${window.max}` }]
      : []),
    ...(window.days.length === 0
      ? [
          {
            key: `schedule.${name}.days`,
            value: window.days,
            expected: "at least one of mon, tue, wed, thu, fri, sat, sun",
          },
        ]
      : []),
    ...(window.from === window.to || window.from === "24:00"
      ? [{ key: `schedule.${name}.from`, value: window.from, expected: `a time before its to, which is ${window.to}` }]
      : []),
  ]);
  if (single.length > 0) return single;
  return windows.flatMap(([name, window], index) =>
    windows
      .slice(index + 1)
      .filter(([, other]) => windowsOverlap(window, other))
      .map(([other]) => ({
        key: `schedule.${other}`,
        value: schedule[other],
        expected: `hours that do not overlap with schedule.${name}`,
      })),
  );
}

/** Public subnets take 1/32 of the block each and must hold the load balancer's addresses (/27); AWS ends at /16. */
const widestPrefix = 16;
const narrowestPrefix = 22;

function networkProblems({ network }: Values): Problem[] {
  if ("vpcId" in network) {
    return (["publicSubnetIds", "privateSubnetIds"] as const)
      .filter((key) => new Set(network[key]).size < 2 || new Set(network[key]).size < network[key].length)
      .map((key) => ({
        key: `network.${key}`,
        value: network[key],
        expected: "two or more different subnets, in different zones",
      }));
  }
  const block = parseCidr(network.cidr);
  if (!block || (block.prefix >= widestPrefix && block.prefix <= narrowestPrefix)) return [];
  const expected = `a block from /${widestPrefix} (the widest AWS allows) to /${narrowestPrefix} (smaller ones have no room for the load balancer)`;
  return [{ key: "network.cidr", value: network.cidr, expected }];
}

function ingressProblems({ target, ingressCidrs }: Values): Problem[] {
  if (target === "local") return [];
  if (ingressCidrs.length === 0) {
    return [
      {
        key: "ingressCidrs",
        value: ingressCidrs,
        expected: 'who may call: ["0.0.0.0/0"] for everyone, or your own blocks',
      },
    ];
  }
  const blocks = ingressCidrs.map((text) => ({ text, block: parseCidr(text) }));
  return blocks.flatMap(({ text, block }, index) =>
    blocks
      .slice(0, index)
      .filter((earlier) => block && earlier.block && overlap(block, earlier.block))
      .map((earlier) => ({
        key: `ingressCidrs[${index}]`,
        value: text,
        expected: `a block that does not overlap with ${earlier.text}`,
      })),
  );
}

function spotProblems({ spot }: Values): Problem[] {
  if (spot.onDemandWeight + spot.spotWeight > 0) return [];
  return [{ key: "spot", value: spot, expected: "a weight above 0 for on-demand, for Spot or for both" }];
}

function variableProblems({ environment, secrets }: Values): Problem[] {
  const both = Object.keys(secrets)
    .filter((name) => name in environment)
    .map((name) => ({
      key: `secrets.${name}`,
      value: secrets[name],
      expected: `a name that is not in environment as well`,
    }));
  const reserved = (["environment", "secrets"] as const).flatMap((key) =>
    Object.keys(key === "environment" ? environment : secrets)
      .filter((name) => reservedVariables.includes(name))
      .map((name) => ({
        key: `${key}.${name}`,
        value: name,
        expected: `a name other than ${reservedVariables.join(", ")}, which the program sets itself`,
      })),
  );
  return [...both, ...reserved];
}

/** Target groups that one forward action of a load balancer can divide traffic between. */
const mostVariants = 5;

function variantProblems({ target, weights, variants }: Values): Problem[] {
  const names = Object.keys(variants);
  if (target === "both" && weights.ecs + weights.eks !== 100) {
    return [{ key: "weights", value: weights, expected: "weights that sum to 100" }];
  }
  if (target !== "variants") {
    if (names.length === 0) return [];
    return [{ key: "variants", value: names, expected: `none with target ${target}: set target to variants to use them` }];
  }
  const sum = Object.values(variants).reduce((total, { weight }) => total + weight, 0);
  const collision = names.find((name, index) => names.findIndex((other) => pinPriority("main", other) === pinPriority("main", name)) < index);
  return [
    ...(names.length === 0 || names.length > mostVariants
      ? [{ key: "variants", value: names, expected: `1 to ${mostVariants} variants` }]
      : []),
    ...(names.length > 0 && sum !== 100 ? [{ key: "variants", value: sum, expected: "weights that sum to 100" }] : []),
    ...(collision ? [{ key: `variants.${collision}`, value: collision, expected: "another name: its rule would collide with that of an earlier variant" }] : []),
  ];
}

function eksProblems({ target, variants, eks }: Values): Problem[] {
  const used = target === "eks" || target === "both" || Object.values(variants).some((variant) => variant.target === "eks");
  if (!used) return [];
  const today = new Date().toISOString().slice(0, 10);
  const offered = supportedVersions(eks.support, today);
  return [
    ...(offered.includes(eks.version)
      ? []
      : [{ key: "eks.version", value: eks.version, expected: `a version in ${eks.support.toLowerCase()} support on ${today}: ${offered.join(", ")}` }]),
    ...(eks.endpoint === "public" && eks.endpointCidrs.length === 0
      ? [{ key: "eks.endpointCidrs", value: eks.endpointCidrs, expected: 'who may reach the public endpoint of the cluster: ["0.0.0.0/0"] for everyone with credentials, or your own blocks' }]
      : []),
  ];
}
