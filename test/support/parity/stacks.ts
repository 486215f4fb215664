const account = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";

/** Settings of a stack on both platforms that use every option of the container. */
export const everything = {
  target: "both",
  modelUri: "s3://models/cats",
  modelAccess: "list",
  memory: 3072,
  cpu: 1024,
  architecture: "arm64",
  container: {
    command: ["node", "--enable-source-maps"],
    args: ["dist/main.js", "$(GREETING)"],
    startSeconds: 240,
    writablePaths: ["/tmp", "/var/cache/models"],
    ephemeralStorageGiB: 30,
  },
  environment: { GREETING: "hello", PATTERN: "^$(GREETING)$$" },
  secrets: {
    TOKEN: `${account}token-AbCdEf`,
    PASSWORD: `${account}login-AbCdEf:password::`,
    USERNAME: `${account}login-AbCdEf:user-name::`,
    LAST_PASSWORD: `${account}login-AbCdEf:password:AWSPREVIOUS:`,
    KEY: "arn:aws:ssm:us-east-1:123456789012:parameter/key",
  },
  permissions: [
    {
      actions: ["dynamodb:GetItem"],
      resources: ["arn:aws:dynamodb:us-east-1:123456789012:table/features"],
      condition: { StringEquals: { "aws:SourceVpc": ["vpc-0123abcd"] } },
    },
    { policy: "arn:aws:iam::aws:policy/AmazonBedrockReadOnly" },
    { policy: "arn:aws:iam::123456789012:policy/team/AmazonBedrockReadOnly" },
  ],
  permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary",
  egress: {
    database: { cidr: "10.0.0.0/16", port: 5432, why: "features" },
    traces: { cidr: "2001:db8::/32", port: "4317-4318", protocol: "udp" },
    legacy: { cidr: "192.0.2.0/24", port: "all" },
  },
  sidecars: {
    proxy: { image: `example.com/proxy@sha256:${"1".repeat(64)}`, cpu: 128, memory: 256, environment: { P: "$(Q)" } },
    agent: {
      image: `example.com/agent@sha256:${"2".repeat(64)}`,
      cpu: 64,
      memory: 512,
      command: ["agent"],
      args: ["--to", "$(HOST)"],
      user: "65532",
      readOnly: false,
    },
  },
  scaling: { cpuPercent: 60, scaleOutCooldownSeconds: 30, scaleInCooldownSeconds: 120 },
  replicas: { min: 2, max: 9 },
};

/** Another team's image, with all that it needs otherwise than ours. */
export const foreign = {
  ...everything,
  container: {
    preset: "fastapi",
    port: 5000,
    readinessPath: "/startup",
    livenessPath: "/alive",
    startSeconds: 400,
    stopSeconds: 60,
    user: "1000:2000",
    readOnly: true,
    writablePaths: ["/var/cache"],
    idleSeconds: 300,
    stickySeconds: 600,
  },
};

/** As root on a port that only root can use. */
export const asRoot = { ...everything, container: { preset: "tei", user: "root", livenessPath: "none" } };

/** With file systems, in the VPC of their mount targets. */
export const mounted = {
  ...everything,
  network: {
    vpcId: "vpc-0123abcd",
    publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
    privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
  },
  volumes: {
    models: { efs: "fs-0123456789abcdef0", path: "/models" },
    results: {
      efs: "fs-0123456789abcdef1",
      accessPoint: "fsap-0123456789abcdef0",
      path: "/var/results",
      readOnly: false,
    },
  },
};
