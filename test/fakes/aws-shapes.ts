import { randomBytes } from "node:crypto";
import type { Account, Held } from "./account";
import { subnetOf } from "./aws-subnets";
import { isRecord, nameOf, type Properties, stringsIn, typeOf } from "./values";

export const region = "us-east-1";
export const accountId = "123456789012";

const hex = (digits: number) => randomBytes(digits).toString("hex").slice(0, digits);
const arn = (service: string, path: string) => `arn:aws:${service}:${region}:${accountId}:${path}`;

interface Subject {
  name: string;
  inputs: Properties;
  account: Account;
}
interface Shape {
  id: string;
  outputs?: Properties;
}

/** Ids and computed outputs in the format of AWS, for the types whose format the program or the engine depends on. */
const shapes: Record<string, (subject: Subject) => Shape> = {
  "aws:ec2/vpc:Vpc": () => withId("vpc", "vpc", { mainRouteTableId: `rtb-${hex(17)}` }),
  "aws:ec2/subnet:Subnet": () => withId("subnet", "subnet"),
  "aws:ec2/securityGroup:SecurityGroup": () => withId("sg", "security-group", { ownerId: accountId }),
  "aws:ec2/routeTable:RouteTable": () => withId("rtb", "route-table"),
  "aws:ec2/internetGateway:InternetGateway": () => withId("igw", "internet-gateway"),
  "aws:ec2/eip:Eip": () =>
    withId("eipalloc", "elastic-ip", { allocationId: `eipalloc-${hex(17)}`, publicIp: "192.0.2.1" }),
  "aws:ec2/natGateway:NatGateway": () => ({ id: `nat-${hex(17)}` }),
  "aws:ec2/vpcEndpoint:VpcEndpoint": () => withId("vpce", "vpc-endpoint"),
  "aws:lb/loadBalancer:LoadBalancer": ({ inputs, account }) => {
    const [first = ""] = stringsIn(inputs.subnets);
    const path = `app/${inputs.name}/${hex(16)}`;
    return withArn("elasticloadbalancing", `loadbalancer/${path}`, {
      arnSuffix: path,
      dnsName: `${inputs.name}-${Number.parseInt(hex(7), 16)}.${region}.elb.amazonaws.com`,
      zoneId: "Z35SXDOTRQ7X7K",
      vpcId: subnetOf(first, region, account).vpcId,
    });
  },
  "aws:lb/targetGroup:TargetGroup": ({ inputs }) => {
    const path = `targetgroup/${inputs.name}/${hex(16)}`;
    return withArn("elasticloadbalancing", path, { arnSuffix: path });
  },
  "aws:lb/listener:Listener": () => withArn("elasticloadbalancing", `listener/app/balancer/${hex(16)}/${hex(16)}`),
  "aws:lb/listenerRule:ListenerRule": () =>
    withArn("elasticloadbalancing", `listener-rule/app/balancer/${hex(16)}/${hex(16)}/${hex(16)}`),
  "aws:acm/certificate:Certificate": ({ inputs }) =>
    withArn("acm", `certificate/${hex(8)}-0123-4567-89ab-${hex(12)}`, {
      domainValidationOptions: [
        {
          domainName: inputs.domainName,
          resourceRecordName: `_proof.${inputs.domainName}.`,
          resourceRecordType: "CNAME",
          resourceRecordValue: "_proof.acm-validations.aws.",
        },
      ],
      status: "PENDING_VALIDATION",
    }),
  "aws:route53/record:Record": ({ inputs }) => ({
    id: `${inputs.zoneId}_${inputs.name}_${inputs.type}`,
    outputs: { fqdn: inputs.name },
  }),
  "aws:s3/bucket:Bucket": ({ name }) => {
    const bucket = `${name}-${hex(7)}`;
    return { id: bucket, outputs: { bucket, arn: `arn:aws:s3:::${bucket}` } };
  },
  "aws:ecr/repository:Repository": ({ inputs }) => ({
    id: String(inputs.name),
    outputs: {
      arn: arn("ecr", `repository/${inputs.name}`),
      registryId: accountId,
      repositoryUrl: `${accountId}.dkr.ecr.${region}.amazonaws.com/${inputs.name}`,
    },
  }),
  "aws:ecs/cluster:Cluster": ({ inputs }) => withArn("ecs", `cluster/${inputs.name}`),
  "aws:ecs/service:Service": ({ inputs }) => withArn("ecs", `service/${lastPart(inputs.cluster)}/${inputs.name}`),
  "aws:ecs/taskDefinition:TaskDefinition": ({ inputs, account }) => {
    const family = String(inputs.family);
    const revision =
      1 +
      account
        .entries()
        .filter(
          (entry) =>
            entry.phase === "end" &&
            entry.op === "create" &&
            entry.id === family &&
            typeOf(entry.urn) === "aws:ecs/taskDefinition:TaskDefinition",
        ).length;
    const arnWithoutRevision = arn("ecs", `task-definition/${family}`);
    return { id: family, outputs: { arn: `${arnWithoutRevision}:${revision}`, arnWithoutRevision, revision } };
  },
  "aws:iam/role:Role": ({ inputs }) => ({
    id: String(inputs.name),
    outputs: { arn: `arn:aws:iam::${accountId}:role/${inputs.name}`, uniqueId: `AROA${hex(16).toUpperCase()}` },
  }),
  "aws:iam/policy:Policy": ({ inputs }) => {
    const policyArn = `arn:aws:iam::${accountId}:policy/${inputs.name}`;
    return { id: policyArn, outputs: { arn: policyArn } };
  },
  "aws:cloudwatch/logGroup:LogGroup": ({ inputs }) => ({
    id: String(inputs.name),
    outputs: { arn: arn("logs", `log-group:${inputs.name}`) },
  }),
  "aws:appautoscaling/target:Target": ({ inputs }) => ({
    id: String(inputs.resourceId),
    outputs: { arn: arn("application-autoscaling", `scalable-target/${hex(12)}`) },
  }),
  "aws:eks/cluster:Cluster": ({ inputs }) => ({
    id: String(inputs.name),
    outputs: {
      arn: arn("eks", `cluster/${inputs.name}`),
      endpoint: `https://${hex(16)}.gr7.${region}.eks.amazonaws.com`,
      certificateAuthority: { data: Buffer.from("fake").toString("base64") },
      vpcConfig: { ...(inputs.vpcConfig as Properties), clusterSecurityGroupId: `sg-${hex(17)}` },
    },
  }),
};

function withId(prefix: string, path: string, outputs: Properties = {}): Shape {
  const id = `${prefix}-${hex(17)}`;
  return { id, outputs: { arn: arn("ec2", `${path}/${id}`), ...outputs } };
}

function withArn(service: string, path: string, outputs: Properties = {}): Shape {
  const id = arn(service, path);
  return { id, outputs: { arn: id, ...outputs } };
}

export function lastPart(text: unknown): string {
  return String(text).split("/").pop() ?? "";
}

/** An update keeps the id and the computed outputs; changes that would alter them are replacements. */
export function realise(
  urn: string,
  inputs: Properties,
  account: Account,
  existing?: Held,
): { id: string; outputs: Properties } {
  if (existing !== undefined) return { id: existing.id, outputs: computedOutputs(existing, inputs) };
  const type = typeOf(urn);
  const shape = shapes[type]?.({ name: nameOf(urn), inputs, account });
  if (shape !== undefined) return { id: shape.id, outputs: { ...shape.outputs, tagsAll: inputs.tags ?? {} } };
  const id = `${nameOf(urn)}-${hex(8)}`;
  const service = type.split(":")[1]?.split("/")[0] ?? "";
  return { id, outputs: { arn: arn(service, id), tagsAll: inputs.tags ?? {} } };
}

/** Also the fields that AWS added to an input, such as the security group in the vpcConfig of a cluster. */
function computedOutputs({ inputs: before, outputs }: Held, inputs: Properties): Properties {
  const computed = Object.entries(outputs).filter(([key]) => !(key in before) && !key.startsWith("__"));
  const extended = Object.entries(outputs).flatMap(([key, value]) => {
    const given = before[key];
    const news = inputs[key];
    if (!isRecord(value) || !isRecord(given) || !isRecord(news)) return [];
    const added = Object.entries(value).filter(([field]) => !(field in given));
    return added.length > 0 ? [[key, { ...news, ...Object.fromEntries(added) }] as const] : [];
  });
  return Object.fromEntries([...computed, ...extended]);
}
