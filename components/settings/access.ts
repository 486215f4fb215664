import { parseCidr, parseCidr6 } from "../core/cidr";
import { allPorts, type Egress, httpsEverywhere, opensTheSame, type PortRange } from "../core/egress";
import type { Problem } from "../core/problems";
import type { ManagedPolicy, Permission } from "../core/service-spec";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import {
  environmentText,
  ipv4Or6Block,
  isRecord,
  list,
  object,
  oneOf,
  optional,
  record,
  type Schema,
  text,
} from "./schema";

const managedPolicyArn = (value: string) => /^arn:aws:iam::(aws|\d{12}):policy\/\S+$/.test(value);

const action = text("an action such as s3:GetObject or dynamodb:*", (value) =>
  /^(\*|(\*|[a-z0-9-]+):[a-z0-9*?]+)$/i.test(value),
);
const resource = text('"*", or an arn of the partition aws such as arn:aws:s3:::bucket/*', (value) =>
  /^(\*|arn:aws:[a-z0-9*?-]+:[^\s:]*:[^\s:]*:\S+)$/.test(value),
);

/** IAM refuses a statement with an empty list (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). */
const oneOrMore = <T>(item: Schema<T>): Schema<readonly T[]> => {
  const schema = list(item);
  const expected = "a list of one or more";
  return {
    ...schema,
    expected,
    read(value, key, problems) {
      const items = schema.read(value, key, problems);
      if (items?.length === 0) problems.push({ key, value, expected });
      return items;
    },
  };
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operator = {
  fits: /^(ForAllValues:|ForAnyValue:)?(String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?$/,
  expected: "an operator of IAM conditions such as StringEquals",
};
const conditionKey = { fits: /^\S+:\S+$/, expected: "a condition key such as aws:SourceVpc" };
const severalTexts = oneOrMore(environmentText);
const conditionValue: Schema<string | readonly string[]> = {
  ...environmentText,
  expected: "text or a list of texts",
  read: (value, key, problems) => (Array.isArray(value) ? severalTexts : environmentText).read(value, key, problems),
};

const statement: Schema<Permission> = object({
  actions: oneOrMore(action),
  resources: oneOrMore(resource),
  condition: optional(record(operator, record(conditionKey, conditionValue))),
});
const managedPolicy: Schema<ManagedPolicy> = object({
  policy: text(
    "the arn of a managed policy of the partition aws such as arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    managedPolicyArn,
  ),
});

/** One of two shapes. The CLI checks that every item of a list has one type, so a policy is an object as well. */
const permission: Schema<Permission | ManagedPolicy> = {
  ...statement,
  expected: "`{ actions, resources, condition }`, or `{ policy }` with the arn of a managed policy",
  read(value, key, problems) {
    const isPolicy = isRecord(value) && "policy" in value;
    return (isPolicy ? managedPolicy : statement).read(value, key, problems);
  },
};

const portText = `a port, a range such as "1024-2048", or "all"; ports are ${allPorts.from} to ${allPorts.to}`;
const port: Schema<PortRange> = {
  type: "string",
  expected: portText,
  read(value, key, problems) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value)) ?? [];
    const range = value === "all" ? allPorts : { from: Number(first), to: Number(last) };
    if (allPorts.from <= range.from && range.from <= range.to && range.to <= allPorts.to) return range;
    problems.push({ key, value, expected: portText });
    return undefined;
  },
};

const egressName = {
  fits: /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
  expected: "at most 32 lower-case letters, digits and - in the name of a rule",
};
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html */
const why = text("at most 255 letters, digits, spaces and ._-:/()#,@[]+=;{}!$*", (value) =>
  /^[a-zA-Z0-9 ._\-:/()#,@[\]+=;{}!$*]{1,255}$/.test(value),
);
const egressRule: Schema<Egress> = object(
  { cidr: ipv4Or6Block, port, protocol: oneOf(["tcp", "udp"]), why: optional(why) },
  { protocol: "tcp" },
);

/**
 * The network policy agent of the VPC CNI takes 24 ports for each block, and a block takes over the ports of each wider one
 * (https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html, aws-network-policy-agent#104). HTTPS, DNS (2) and the
 * credentials of Pod Identity are the others.
 */
const mostRules = 20;

/** The prefix of the widest block that needs no reason. Two halves of all addresses are everywhere as well. */
const widest = { ipv4: 8, ipv6: 16 };

export const accessKeys = {
  permissions: entry({
    schema: list(permission),
    fallback: [],
    text: "What the container's own code may do on AWS, besides reading the model: statements of an IAM policy, and managed policies of AWS or of the account. The task role on ECS and the pod role on EKS get the same.",
    example: {
      permissions: [
        { actions: ["dynamodb:GetItem"], resources: ["arn:aws:dynamodb:eu-west-1:123456789012:table/features"] },
        { policy: "arn:aws:iam::aws:policy/AmazonBedrockReadOnly" },
      ],
    },
  }),
  permissionsBoundary: entry({
    schema: text(
      '"none", or the arn of a managed policy of the partition aws',
      (value) => value === "none" || managedPolicyArn(value),
    ),
    fallback: "none",
    text: "The permissions boundary of every role that the stack creates, those of the EKS cluster included. docs/security.md lists what it must allow.",
    example: { permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary" },
  }),
  egress: entry({
    schema: record(egressName, egressRule),
    fallback: {},
    text: "What the container may connect to, by a name of yours: a block of addresses and a port. TCP 443 to everywhere, DNS and the credentials of AWS always work; everything else is closed. ECS applies it with the security group of the tasks, EKS with a network policy (docs/security.md). With target `local`, Docker closes nothing.",
    example: {
      egress: {
        database: { cidr: "10.0.0.0/16", port: 5432 },
        collector: { cidr: "10.0.0.0/16", port: "4317-4318", why: "OpenTelemetry" },
      },
    },
  }),
  modelAccess: entry({
    schema: oneOf(["read", "list"]),
    fallback: "read",
    text: "With `modelUri`: `read` allows the objects of its folder, by name. `list` also allows listing that folder, for code that downloads a whole folder such as `aws s3 sync`. The server of `app/` needs only `read`.",
    example: { modelUri: "s3://my-models/llama/v1", modelAccess: "list" },
  }),
};

export const accessRules = [
  whenValid({
    key: "permissions",
    fact: "With `protect: true`, no statement allows every action on every resource, and no policy is `AdministratorAccess`. Without it, `pulumi up` warns of them.",
    reads: ["permissions", "protect"],
    problems: unlimitedProblems,
  }),
  whenValid({
    key: "permissions",
    fact: "A managed policy appears once.",
    reads: ["permissions"],
    problems: repeatedProblems,
  }),
  whenValid({
    key: "egress",
    fact: `With \`protect: true\`, a rule for a block wider than /${widest.ipv4} (IPv4) or /${widest.ipv6} (IPv6) says \`why\`.`,
    reads: ["egress", "protect"],
    problems: unexplainedProblems,
  }),
  whenValid({
    key: "egress",
    fact: `At most ${mostRules} rules, each for other addresses or ports.`,
    reads: ["egress"],
    problems: sameEgressProblems,
  }),
];

/** Whether it allows every action on every resource. */
export const isUnlimited = (permission: Permission | ManagedPolicy) =>
  "policy" in permission
    ? permission.policy === "arn:aws:iam::aws:policy/AdministratorAccess"
    : permission.actions.some((name) => name === "*" || name === "*:*") && permission.resources.includes("*");

function unlimitedProblems({ permissions, protect }: Pick<Values, "permissions" | "protect">): Problem[] {
  const expected = "named actions or named resources, because protect is true";
  return permissions.flatMap((value, index) =>
    protect && isUnlimited(value) ? [{ key: `permissions[${index}]`, value, expected }] : [],
  );
}

function repeatedProblems({ permissions }: Pick<Values, "permissions">): Problem[] {
  const policies = permissions.map((permission) => ("policy" in permission ? permission.policy : undefined));
  const expected = "a policy that appears once in the list";
  return policies.flatMap((value, index) =>
    value !== undefined && policies.indexOf(value) < index
      ? [{ key: `permissions[${index}].policy`, value, expected }]
      : [],
  );
}

function unexplainedProblems({ egress, protect }: Pick<Values, "egress" | "protect">): Problem[] {
  const unexplained = Object.entries(egress).filter(([, { cidr, why }]) => isWide(cidr) && why === undefined);
  const expected = "the reason why the container connects to so many addresses, because protect is true";
  return protect ? unexplained.map(([name]) => ({ key: `egress.${name}.why`, value: undefined, expected })) : [];
}

function isWide(block: string): boolean {
  const [ipv4, ipv6] = [parseCidr(block), parseCidr6(block)];
  return (ipv4 && ipv4.prefix < widest.ipv4) || (ipv6 && ipv6.prefix < widest.ipv6) || false;
}

/** AWS refuses a second rule that opens the same. */
function sameEgressProblems({ egress }: Pick<Values, "egress">): Problem[] {
  const all = Object.entries(egress);
  const count = { key: "egress", value: all.length, expected: `at most ${mostRules} rules` };
  const repeated = all.flatMap(([name, rule], index) => {
    const problem = { key: `egress.${name}`, value: rule.cidr };
    const same = all.slice(0, index).find(([, earlier]) => opensTheSame(earlier, rule));
    if (same) return [{ ...problem, expected: `other addresses or ports than egress.${same[0]}` }];
    const isAlwaysOpen = opensTheSame(httpsEverywhere, rule);
    return isAlwaysOpen ? [{ ...problem, expected: "no rule: TCP 443 to everywhere is always open" }] : [];
  });
  return [...(all.length > mostRules ? [count] : []), ...repeated];
}
