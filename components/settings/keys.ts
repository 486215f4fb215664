import { fargateCpuUnits } from "../core/fargate-sizes";
import type { Problem } from "../core/problems";
import { days, isTimeZone, parseTime } from "../core/schedule";
import {
  awsTargets,
  type BothTargetName,
  bothTargets,
  defaultTarget,
  runsOnAws,
  type TargetName,
  targets,
} from "../targets";
import { auth, domain, waf, withoutWaf } from "./edge";
import { autoMode, eks } from "./eks";
import {
  cidr,
  decimal,
  environmentText,
  flag,
  fromJson,
  integer,
  integerIn,
  ipv4Or6Block,
  isRecord,
  list,
  object,
  oneOf,
  optional,
  record,
  redacted,
  type Schema,
  text,
  type ValueOf,
} from "./schema";

/** Where a stack may run: on one target, on two at once, or on the targets that its variants name. */
export type TargetChoice = TargetName | "both" | "variants";
const namesOn = (aws: boolean) => targets.map(({ name }) => name).filter((name) => runsOnAws(name) === aws);
const targetChoices: readonly TargetChoice[] = [...namesOn(true), "both", "variants", ...namesOn(false)];

const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const maximumReplicas = 1000;

const time = text('a time of day such as "08:30"', (value) => parseTime(value) !== undefined);

const window = object(
  {
    days: list(oneOf(days)),
    from: time,
    to: time,
    timeZone: text("an IANA time zone such as Europe/Berlin", isTimeZone),
    min: integer(0, maximumReplicas),
    max: integer(0, maximumReplicas),
  },
  { timeZone: "UTC" },
);

const oneNat = { cidr: "10.0.0.0/16", zones: 2, nat: "one", ipv6: false } as const;
const newNetwork = object({ cidr, zones: integer(2, 4), nat: oneOf(["one", "perZone", "none"]), ipv6: flag }, oneNat);
const subnetIds = list(text("a subnet id such as subnet-0123abcd", (value) => /^subnet-[0-9a-f]{8,17}$/.test(value)));
const securityGroup = text("a security group id such as sg-0123abcd", (value) => /^sg-[0-9a-f]{8,17}$/.test(value));
const existingKeys = ["vpcId", "publicSubnetIds", "privateSubnetIds"];
const existingNetwork = object({
  vpcId: text("a VPC id such as vpc-0123abcd", (value) => /^vpc-[0-9a-f]{8,17}$/.test(value)),
  publicSubnetIds: subnetIds,
  privateSubnetIds: subnetIds,
});
export type NewNetwork = ValueOf<typeof newNetwork>;
export type ExistingNetwork = ValueOf<typeof existingNetwork>;

/** Either shape, told apart by whether an id is given; mixing them leaves one of the two with an unknown key. */
const network: Schema<NewNetwork | ExistingNetwork> = {
  type: "object",
  read(value: unknown, key: string, problems: Problem[]) {
    const given = fromJson(value);
    const named = isRecord(given) ? Object.keys(given) : [];
    const schema = named.some((name) => existingKeys.includes(name)) ? existingNetwork : newNetwork;
    return schema.read(value, key, problems);
  },
};

const isSecretArn = (value: string) =>
  /^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter\/)\S+$/.test(value);
const arn = text("the arn of a Secrets Manager secret or an SSM parameter", isSecretArn);
const apiKeys = redacted(
  text('"none", or the arn of the secret that lists the keys', (value) => value === "none" || isSecretArn(value)),
);
const variableName = { fits: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: "letters, digits and _ in the name of a variable" };
const windowName = {
  fits: /^[a-z][a-z0-9-]{0,31}$/,
  expected: "lower-case letters, digits and - in the name of a window",
};

const weight = integer(0, 100);
const variantName = {
  // The load balancer's own alarms and the mute rules of the check from outside are named so.
  fits: /^(?!(?:load-balancer|outside)$)[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/,
  expected:
    "at most 15 lower-case letters, digits and -, with no - at the end, and not load-balancer or outside: it is the value of the header x-variant and part of names on AWS",
};

const digestReference = /^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/;
const image = text(
  '"build", or repository@sha256:<64 hex digits>: a tag can move, a digest cannot',
  (value) => value === "build" || digestReference.test(value),
);
const pinned = text("repository@sha256:<64 hex digits>", (value) => digestReference.test(value));
const modelUri = text(
  '"bundled", or s3://bucket/prefix',
  (value) => value === "bundled" || /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s?*]+(\?versionId=\S+)?$/.test(value),
);

const kmsKey = text(
  '"none", or the arn of a KMS key, not of an alias',
  (value) => value === "none" || /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(value),
);

interface Key<T> {
  readonly schema: Schema<T>;
  /** As Pulumi.yaml declares it; the CLI applies that one, everything that runs without the CLI applies this one. */
  readonly fallback: unknown;
}
const key = <T>(schema: Schema<T>, fallback: unknown): Key<T> => ({ schema, fallback });

const replicas = { min: 1, max: 4 };
const scaling = { cpuPercent: 70, scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 300 };
const onDemandOnly = { onDemandBase: 0, onDemandWeight: 1, spotWeight: 0 };

const forEach = <T>(value: T) =>
  Object.fromEntries(bothTargets.map(({ name }) => [name, value])) as Record<BothTargetName, T>;
const evenly = forEach(100 / bothTargets.length);

const email = text("an e-mail address", (value) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value));
/** Its path is what lets a caller page somebody. */
const pager = redacted(
  text("an https:// address that confirms a subscription of SNS", (value) => /^https:\/\/\S+$/.test(value)),
);
const nobody = { emails: [], pagers: [] };
const thresholds = { p99Seconds: 1, errorPercent: 5, loadBalancerErrors: 10 };

export const keys = {
  target: key(oneOf(targetChoices), defaultTarget.name),
  weights: key(object(forEach(weight), evenly), evenly),
  variants: key(
    record(variantName, object({ target: oneOf(awsTargets.map(({ name }) => name)), weight, image: optional(pinned) })),
    {},
  ),
  eks: key(eks, autoMode),
  image: key(image, "build"),
  modelUri: key(modelUri, "bundled"),
  modelKmsKeyArn: key(kmsKey, "none"),
  architecture: key(oneOf(["x86_64", "arm64"]), "x86_64"),
  cpu: key(integerIn(fargateCpuUnits), 1024),
  memory: key(integer(512, 122880), 2048),
  replicas: key(object({ min: integer(1, maximumReplicas), max: integer(1, maximumReplicas) }, replicas), replicas),
  scaling: key(
    object(
      {
        cpuPercent: integer(10, 95),
        memoryPercent: optional(integer(10, 95)),
        requestsPerMinutePerReplica: optional(integer(1, 1_000_000)),
        scaleOutCooldownSeconds: integer(0, 3600),
        scaleInCooldownSeconds: integer(0, 3600),
      },
      scaling,
    ),
    scaling,
  ),
  schedule: key(record(windowName, window), {}),
  spot: key(
    object(
      { onDemandBase: integer(0, maximumReplicas), onDemandWeight: integer(0, 1000), spotWeight: integer(0, 1000) },
      onDemandOnly,
    ),
    onDemandOnly,
  ),
  network: key(network, oneNat),
  ingressCidrs: key(list(ipv4Or6Block), []),
  dualstack: key(flag, false),
  domain: key(domain, {}),
  allowHttp: key(flag, false),
  internalCallers: key(list(securityGroup), []),
  auth: key(auth, {}),
  apiKeys: key(apiKeys, "none"),
  waf: key(waf, withoutWaf),
  internal: key(flag, false),
  accessLogDays: key(integer(0, 3653), 0),
  environment: key(record(variableName, environmentText), {}),
  secrets: key(redacted(record(variableName, arn)), {}),
  exec: key(flag, false),
  alarms: key(
    object(
      { p99Seconds: decimal(0.001, 60), errorPercent: decimal(0, 99), loadBalancerErrors: integer(0, 1_000_000) },
      thresholds,
    ),
    thresholds,
  ),
  notifications: key(
    object({ emails: list(email), pagers: list(pager), monthlyBudgetUsd: optional(integer(1, 10_000_000)) }, nobody),
    nobody,
  ),
  logRetentionDays: key(integerIn(retentionDays), 30),
  insights: key(oneOf(["off", "standard", "enhanced"]), "enhanced"),
  protect: key(flag, false),
} as const;

export type Keys = typeof keys;
export type Values = { readonly [K in keyof Keys]: ValueOf<Keys[K]["schema"]> };
