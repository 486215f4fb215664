import type { Properties } from "../../../policy/rules/rule";

/** The types and properties of the resources of a stack called prod. */
export type Fixture = readonly (readonly [type: string, props: Properties])[];

interface Fixtures {
  readonly passing: readonly Fixture[];
  readonly failing: readonly (Fixture | readonly [Fixture, config: Properties])[];
  /** Settings of the rule under which the passing ones pass. */
  readonly config?: Properties;
}

const digest = `registry.example.com/app@sha256:${"0".repeat(64)}`;
const world = "0.0.0.0/0";

const listener = (props: Properties = {}) => ["aws:lb/listener:Listener", { port: 443, ...props }] as const;
const ingress = (props: Properties) =>
  [
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    { ipProtocol: "tcp", fromPort: 443, toPort: 443, ...props },
  ] as const;
const cluster = (vpcConfig: Properties) => ["aws:eks/cluster:Cluster", { vpcConfig }] as const;
const statement = (props: Properties) => JSON.stringify({ Statement: [{ Effect: "Allow", ...props }] });
const policy = (props: Properties) => ["aws:iam/rolePolicy:RolePolicy", { policy: statement(props) }] as const;
const bucket = (props: Properties = {}) => ["aws:s3/bucket:Bucket", { bucket: "files", ...props }] as const;
const bucketPolicy = (props: Properties) => ["aws:s3/bucketPolicy:BucketPolicy", { policy: statement(props) }] as const;
const block = (props: Properties = {}) =>
  [
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    {
      bucket: "files",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
      ...props,
    },
  ] as const;
const task = (container: Properties, props: Properties = { memory: "1024" }) =>
  [
    "aws:ecs/taskDefinition:TaskDefinition",
    { containerDefinitions: JSON.stringify([{ name: "app", image: digest, user: "10001", ...container }]), ...props },
  ] as const;
const podSpec = (container: Properties, props: Properties) => ({
  securityContext: { runAsNonRoot: true },
  containers: [{ name: "app", image: digest, resources: { limits: { memory: "1Gi" } }, ...container }],
  ...props,
});
const pods = (container: Properties, props: Properties = {}) =>
  ["kubernetes:apps/v1:Deployment", { spec: { template: { spec: podSpec(container, props) } } }] as const;
const jobs = (container: Properties, props: Properties = {}) =>
  [
    "kubernetes:batch/v1:CronJob",
    { spec: { jobTemplate: { spec: { template: { spec: podSpec(container, props) } } } } },
  ] as const;
const volume = (transitEncryption?: string) => ({
  efsVolumeConfiguration: { fileSystemId: "fs-1", transitEncryption },
});
const stack = (sum: number) => ["pulumi:pulumi:Stack", { monthlyUsd: { atMaximum: { sum } } }] as const;
const provider = (defaultTags?: unknown) => ["pulumi:providers:aws", { defaultTags }] as const;
const efs = "aws:efs/fileSystem:FileSystem";
const ebs = "aws:ebs/volume:Volume";
const rds = "aws:rds/instance:Instance";
const topic = "aws:sns/topic:Topic";
const logGroup = "aws:cloudwatch/logGroup:LogGroup";
const balancer = "aws:lb/loadBalancer:LoadBalancer";

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "open-security-group": {
    passing: [
      [listener(), ingress({ cidrIpv4: world }), ingress({ cidrIpv6: "::/0" })],
      [ingress({ cidrIpv4: "192.0.2.0/24", fromPort: 22, toPort: 22 })],
      [["aws:ec2/securityGroupRule:SecurityGroupRule", { type: "egress", cidrBlocks: [world], protocol: "-1" }]],
    ],
    failing: [
      [listener(), ingress({ cidrIpv4: world, fromPort: 22, toPort: 22 })],
      [listener(), ingress({ cidrIpv4: world, toPort: 444 })],
      [ingress({ cidrIpv6: "::/0" })],
      [
        listener(),
        [
          "aws:ec2/securityGroup:SecurityGroup",
          { ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [world] }] },
        ],
      ],
      [
        [
          "aws:ec2/securityGroupRule:SecurityGroupRule",
          { type: "ingress", protocol: "tcp", fromPort: 80, toPort: 80, ipv6CidrBlocks: ["::/0"] },
        ],
      ],
    ],
  },
  "listener-tls-policy": {
    passing: [
      [listener({ protocol: "HTTP" })],
      [listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" })],
      [listener({ protocol: "TLS", sslPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06" })],
    ],
    failing: [
      [listener({ protocol: "HTTPS" })],
      [listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-2016-08" })],
      [listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-0-2021-06" })],
    ],
  },
  "public-eks-endpoint": {
    passing: [
      [cluster({ endpointPublicAccess: false })],
      [cluster({ endpointPublicAccess: true, publicAccessCidrs: ["192.0.2.0/24"] })],
    ],
    failing: [[cluster({})], [cluster({ endpointPublicAccess: true, publicAccessCidrs: ["192.0.2.0/24", world] })]],
  },
  "iam-wildcard": {
    passing: [
      [policy({ Action: ["s3:GetObject", "s3:Get*"], Resource: "arn:aws:s3:::files/*" })],
      [policy({ Action: "ecr:GetAuthorizationToken", Resource: "*" })],
      [policy({ Action: ["cloudwatch:GetMetricData"], Resource: ["*"] })],
      [
        policy({
          Action: ["ssmmessages:OpenDataChannel", "cloudwatch:PutMetricData", "ec2:DescribeTags"],
          Resource: ["*"],
        }),
      ],
      [
        [
          "aws:iam/rolePolicy:RolePolicy",
          { policy: JSON.stringify({ Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] }) },
        ],
      ],
    ],
    failing: [
      [policy({ Action: "*", Resource: "arn:aws:s3:::files" })],
      [policy({ Action: ["s3:*"], Resource: ["arn:aws:s3:::files"] })],
      [policy({ Action: ["s3:GetObject"], Resource: ["*"] })],
      [policy({ NotAction: "iam:*", Resource: "arn:aws:s3:::files" })],
      [policy({ Action: "s3:GetObject", NotResource: "arn:aws:s3:::secret/*" })],
      [["aws:iam/role:Role", { inlinePolicies: [{ policy: statement({ Action: "s3:ListBucket", Resource: "*" }) }] }]],
      [
        [
          "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
          { policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
        ],
      ],
    ],
  },
  "public-bucket": {
    passing: [
      [bucket(), block()],
      [bucket(), block(), bucketPolicy({ Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" } })],
      [bucket(), block(), bucketPolicy({ Principal: "*", Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } } })],
    ],
    failing: [
      [bucket()],
      [bucket(), block({ bucket: "others" })],
      [bucket(), block({ ignorePublicAcls: false })],
      [bucket({ acl: "public-read" }), block()],
      [bucket(), block(), bucketPolicy({ Principal: "*" })],
      [bucket(), block(), bucketPolicy({ Principal: { AWS: ["*"] } })],
    ],
  },
  encryption: {
    passing: [
      [[topic, { kmsMasterKeyId: "arn:aws:kms:eu-west-1:123456789012:key/1" }]],
      [
        [efs, { encrypted: true }],
        [ebs, { encrypted: true }],
        [rds, { storageEncrypted: true }],
      ],
      [task({}, { volumes: [volume("ENABLED"), { name: "scratch" }] })],
    ],
    failing: [
      [[topic, {}]],
      [[efs, {}]],
      [[ebs, {}]],
      [[rds, { storageEncrypted: false }]],
      [task({}, { volumes: [volume()] })],
    ],
  },
  "image-digest": {
    passing: [[task({}), pods({}), jobs({})]],
    failing: [
      [task({ image: "app:1.2" })],
      [pods({ image: "app" })],
      [jobs({ image: "app@sha256:12" })],
      [pods({}, { initContainers: [{ name: "init", image: "app:1.2" }] })],
    ],
  },
  "root-container": {
    passing: [
      [task({})],
      [pods({}), jobs({})],
      [pods({ securityContext: { runAsUser: 10001 } }, { securityContext: {} })],
    ],
    failing: [
      [task({ user: undefined })],
      [task({ user: "0:0" })],
      [task({ user: "root" })],
      [task({ privileged: true })],
      [pods({}, { securityContext: {} })],
      [pods({ securityContext: { runAsUser: 0 } })],
      [jobs({ securityContext: { privileged: true } })],
    ],
  },
  "memory-limit": {
    passing: [[task({})], [task({ memory: 512 }, {})], [pods({}), jobs({})]],
    failing: [[task({}, {})], [pods({ resources: { requests: { memory: "1Gi" } } })], [jobs({ resources: undefined })]],
  },
  "log-retention": {
    passing: [[[logGroup, { retentionInDays: 7 }]]],
    failing: [[[logGroup, {}]], [[logGroup, { retentionInDays: 0 }]]],
  },
  "deletion-protection": {
    passing: [
      [
        [balancer, { enableDeletionProtection: true }],
        bucket(),
        ["aws:ecr/repository:Repository", { forceDelete: false }],
      ],
    ],
    failing: [
      [[balancer, {}]],
      [bucket({ forceDestroy: true })],
      [["aws:ecr/repository:Repository", { forceDelete: true }]],
      [[rds, { deletionProtection: false }]],
    ],
  },
  tags: {
    passing: [[provider('{"tags":{"project":"shop"}}')], [provider({ tags: { project: "shop" } })]],
    failing: [[provider()], [provider("{}")], [[provider('{"tags":{"project":"shop"}}')], { required: ["owner"] }]],
  },
  "monthly-cost": {
    config: { budgetUsd: 100 },
    passing: [[stack(99.5)], [["pulumi:pulumi:Stack", {}]]],
    failing: [[[stack(100.01)], { budgetUsd: 100 }]],
  },
};
