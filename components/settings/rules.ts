import { overlap, parseCidr, parseCidr6 } from "../core/cidr";
import { fargateMemoryMiB } from "../core/fargate-sizes";
import { parseImage } from "../core/image-reference";
import type { Problem } from "../core/problems";
import { windowsOverlap } from "../core/schedule";
import { reservedVariables } from "../core/service-spec";
import { runsOnAws, targetNamed } from "../targets";
import {
  apiKeyProblems,
  authProblems,
  domainProblems,
  dualstackProblems,
  httpProblems,
  internalProblems,
  wafProblems,
} from "./edge-rules";
import { eksProblems, secretProblems } from "./eks-rules";
import type { Values } from "./keys";
import { limitProblems, resolveModel, variantProblems } from "./model";
import { hidden } from "./schema";

/** What no single key can say about itself. A rule runs when all that it reads is well formed, whatever else is wrong. An unknown region is empty. */
export function crossFieldProblems(values: Partial<Values>, region: string): Problem[] {
  return [
    ...whenValid(["cpu", "memory"], sizeProblems, values),
    ...whenValid(["replicas"], replicaProblems, values),
    ...whenValid(["schedule"], scheduleProblems, values),
    ...whenValid(["schedule", "target", "weights", "variants"], emptyGroupProblems, values),
    ...whenValid(["network"], networkProblems, values),
    ...whenValid(["target", "ingressCidrs", "domain"], ingressProblems, values),
    ...whenValid(["spot"], spotProblems, values),
    ...whenValid(["internalCallers"], callerProblems, values),
    ...whenValid(["notifications"], notificationProblems, values),
    ...whenValid(["environment", "secrets"], variableProblems, values),
    ...whenValid(["target", "weights", "variants"], variantProblems, values),
    ...whenValid(["domain"], (written) => domainProblems(written, region), values),
    ...whenValid(["auth", "domain"], authProblems, values),
    ...whenValid(["target", "apiKeys", "domain", "internal"], apiKeyProblems, values),
    ...whenValid(["target", "image", "variants", "network"], (written) => pullProblems(written, region), values),
    ...whenValid(["internal", "auth", "network"], internalProblems, values),
    ...whenValid(["target", "dualstack", "internal", "network", "ingressCidrs"], dualstackProblems, values),
    ...whenValid(["waf", "environment"], wafProblems, values),
    ...whenValid(["target", "domain", "allowHttp", "protect"], httpProblems, values),
    ...whenValid(
      ["target", "weights", "variants", "auth"],
      (written) => limitProblems([resolveModel(written)], written),
      values,
    ),
    ...whenValid(["target", "variants", "eks", "network"], eksProblems, values),
    ...whenValid(
      ["target", "variants", "eks", "secrets", "apiKeys"],
      (written) => secretProblems(written, region),
      values,
    ),
  ];
}

function whenValid<K extends keyof Values>(
  reads: readonly K[],
  rule: (values: Pick<Values, K>) => Problem[],
  values: Partial<Values>,
): Problem[] {
  return reads.every((key) => key in values) ? rule(values as Pick<Values, K>) : [];
}

function sizeProblems({ cpu, memory }: Pick<Values, "cpu" | "memory">): Problem[] {
  const offered = fargateMemoryMiB[cpu] ?? [];
  if (offered.includes(memory)) return [];
  return [{ key: "memory", value: memory, expected: `MiB that Fargate offers with cpu ${cpu}: ${offered.join(", ")}` }];
}

function replicaProblems({ replicas }: Pick<Values, "replicas">): Problem[] {
  if (replicas.min <= replicas.max) return [];
  return [{ key: "replicas.min", value: replicas.min, expected: `at most replicas.max, which is ${replicas.max}` }];
}

function scheduleProblems({ schedule }: Pick<Values, "schedule">): Problem[] {
  const windows = Object.entries(schedule);
  const single = windows.flatMap(([name, window]) => [
    ...(window.min > window.max
      ? [{ key: `schedule.${name}.min`, value: window.min, expected: `at most its max, which is ${window.max}` }]
      : []),
    // Scaling follows metrics of running tasks: without one, nothing starts the first (API reference, RegisterScalableTarget, MinCapacity).
    ...(window.min === 0 && window.max > 0
      ? [
          {
            key: `schedule.${name}.min`,
            value: 0,
            expected: "at least 1, or 0 together with max 0: with no task running, scaling has no metric to start one",
          },
        ]
      : []),
    ...(window.days.length === 0 || new Set(window.days).size < window.days.length
      ? [
          {
            key: `schedule.${name}.days`,
            value: window.days,
            expected: "one or more of mon, tue, wed, thu, fri, sat, sun, each once",
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

/** Not every target follows windows, and the load balancer does not move the share of an empty target group to another one: it answers 503. */
function emptyGroupProblems(values: Pick<Values, "schedule" | "target" | "weights" | "variants">): Problem[] {
  const loaded = resolveModel(values).variants.filter(({ weight }) => weight > 0);
  const stays = loaded.find(({ target }) => !targetNamed(target).capabilities.schedule);
  const sleeps = loaded.find(({ target }) => targetNamed(target).capabilities.schedule);
  if (!stays || !sleeps) return [];
  const [awake, empty] = [stays, sleeps].map(({ target }) => targetNamed(target).label);
  const expected = `at least 1 while ${stays.name} has weight ${stays.weight} on ${awake}: the share of an empty ${empty} service is answered with 503`;
  return Object.entries(values.schedule)
    .filter(([, { max }]) => max === 0)
    .map(([name, { min: value }]) => ({ key: `schedule.${name}.min`, value, expected }));
}

/** Public subnets take 1/32 of the block each and must hold the load balancer's addresses (/27); AWS ends at /16. */
const widestPrefix = 16;
const narrowestPrefix = 22;

function networkProblems({ network }: Pick<Values, "network">): Problem[] {
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

/** Rules of one security group, unless the account's quota was raised. */
const mostRules = 60;

function ingressProblems({
  target,
  ingressCidrs,
  domain,
}: Pick<Values, "target" | "ingressCidrs" | "domain">): Problem[] {
  if (!runsOnAws(target)) return [];
  if (ingressCidrs.length === 0) {
    return [
      {
        key: "ingressCidrs",
        value: ingressCidrs,
        expected: 'who may call: ["0.0.0.0/0"] for everyone, or your own blocks',
      },
    ];
  }
  // A rule for each port: HTTPS, and HTTP to be sent there.
  const mostCidrs = domain ? mostRules / 2 : mostRules;
  if (ingressCidrs.length > mostCidrs) {
    return [
      {
        key: "ingressCidrs",
        value: ingressCidrs.length,
        expected: `at most ${mostCidrs} blocks, as many as AWS allows one group`,
      },
    ];
  }
  const blocks = ingressCidrs.map((text) => ({ text, block: parseCidr(text) ?? parseCidr6(text) }));
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

function callerProblems({ internalCallers }: Pick<Values, "internalCallers">): Problem[] {
  return internalCallers.flatMap((value, index) =>
    internalCallers.indexOf(value) < index
      ? [{ key: `internalCallers[${index}]`, value, expected: "each group once" }]
      : [],
  );
}

function spotProblems({ spot }: Pick<Values, "spot">): Problem[] {
  if (spot.onDemandWeight + spot.spotWeight > 0) return [];
  return [{ key: "spot", value: spot, expected: "a weight above 0 for on-demand, for Spot or for both" }];
}

/** Subscribers of one notification: docs.aws.amazon.com/cost-management, budgets-best-practices. */
const mostBudgetEmails = 10;

function notificationProblems({ notifications }: Pick<Values, "notifications">): Problem[] {
  const { emails, monthlyBudgetUsd } = notifications;
  const twice = (["emails", "pagers"] as const)
    .filter((key) => new Set(notifications[key]).size < notifications[key].length)
    .map((key) => ({
      key: `notifications.${key}`,
      value: { emails, pagers: "[not shown]" }[key],
      expected: "each address once",
    }));
  if (monthlyBudgetUsd === undefined) return twice;
  const most = {
    key: "notifications.emails",
    value: emails.length,
    expected: `at most ${mostBudgetEmails} with monthlyBudgetUsd: AWS Budgets takes no more`,
  };
  const nobody = {
    key: "notifications.monthlyBudgetUsd",
    value: monthlyBudgetUsd,
    expected: "at least one address under notifications.emails to send the forecast to",
  };
  return [...twice, ...(emails.length > mostBudgetEmails ? [most] : []), ...(emails.length === 0 ? [nobody] : [])];
}

function variableProblems({ environment, secrets }: Pick<Values, "environment" | "secrets">): Problem[] {
  const both = Object.keys(secrets)
    .filter((name) => Object.hasOwn(environment, name))
    .map((name) => ({
      key: `secrets.${name}`,
      value: secrets[name],
      expected: `a name that is not in environment as well`,
    }));
  const reserved = Object.entries({ environment, secrets }).flatMap(([key, variables]) =>
    Object.entries(variables)
      .filter(([name]) => reservedVariables.includes(name))
      .map(([name, value]) => ({
        key: `${key}.${name}`,
        value: name === "API_KEYS" ? hidden(value) : value,
        expected: `no value: only the program sets ${name} (pulumi config rm --path ${key}.${name})`,
      })),
  );
  return [...both, ...reserved];
}

/** Without a NAT gateway the endpoints of the VPC reach ECR of their own region and no other registry. */
function pullProblems(
  { target, image, variants, network }: Pick<Values, "target" | "image" | "variants" | "network">,
  region: string,
): Problem[] {
  if (!runsOnAws(target) || "vpcId" in network || network.nat !== "none") return [];
  const named = Object.entries(variants).map(([name, variant]) => [`variants.${name}.image`, variant.image] as const);
  const unreachable = [["image", image] as const, ...named].filter(
    ([, value]) => value !== undefined && value !== "build" && parseImage(value).ecr?.region !== region,
  );
  const expected = `an image in ECR of ${region}, or network.nat one or perZone: without a NAT gateway no other registry is reached`;
  return unreachable.map(([key, value]) => ({ key, value, expected }));
}
