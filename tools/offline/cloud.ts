import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime";

/** A fake AWS account: the outputs of each created resource and the answer of each call. */
export interface Cloud {
  create(args: MockResourceArgs): { id: string; state: Record<string, unknown> };
  call(args: MockCallArgs): Record<string, unknown>;
}

export const accountId = "123456789012";
const hex = (text: string) => Buffer.from(text).toString("hex").slice(0, 16).padEnd(16, "0");

type Answer = (name: string, inputs: Record<string, unknown>, region: string) => Record<string, unknown>;

const arn =
  (service: string, resource: (name: string) => string): Answer =>
  (name, _inputs, region) => ({ arn: `arn:aws:${service}:${region}:${accountId}:${resource(name)}`, name });
const global =
  (service: string, resource: (name: string) => string): Answer =>
  (name) => ({ arn: `arn:aws:${service}::${accountId}:${resource(name)}`, name });
const onlyId: Answer = () => ({});

const answers: Readonly<Record<string, Answer>> = {
  "aws:acm/certificate:Certificate": (name, inputs, region) => ({
    ...arn("acm", () => `certificate/${name}`)(name, inputs, region),
    domainValidationOptions: [
      {
        domainName: inputs.domainName,
        resourceRecordName: `_proof.${inputs.domainName}.`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "_proof.acm-validations.aws.",
      },
    ],
  }),
  "aws:acm/certificateValidation:CertificateValidation": onlyId,
  "aws:route53/healthCheck:HealthCheck": global("route53", (name) => `healthcheck/${name}`),
  "aws:route53/record:Record": (_name, inputs) => ({ fqdn: String(inputs.name) }),
  "awsx:ec2:Vpc": (name, inputs) => {
    const subnets = (kind: string) =>
      (inputs.availabilityZoneNames as string[]).map((_, zone) => `subnet-${hex(`${kind}${zone}${name}`)}`);
    return { vpcId: `vpc-${hex(name)}`, publicSubnetIds: subnets("p"), privateSubnetIds: subnets("q") };
  },
  "aws:appautoscaling/policy:Policy": arn("autoscaling", (name) => `scalingPolicy:${name}`),
  "aws:appautoscaling/scheduledAction:ScheduledAction": arn("autoscaling", (name) => `scheduledAction:${name}`),
  "aws:appautoscaling/target:Target": arn("application-autoscaling", (name) => `scalable-target/${name}`),
  "aws:budgets/budget:Budget": global("budgets", (name) => `budget/${name}`),
  "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": arn("cloudwatch", (name) => `alarm-mute-rule:${name}`),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (name, { alarmName }, region) => ({
    ...arn("cloudwatch", () => `alarm:${alarmName}`)(name, {}, region),
    alarmName,
  }),
  "aws:cloudwatch/dashboard:Dashboard": arn("cloudwatch", (name) => `dashboard/${name}`),
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": onlyId,
  "aws:cloudwatch/queryDefinition:QueryDefinition": onlyId,
  "aws:cloudwatch/metricAlarm:MetricAlarm": arn("cloudwatch", (name) => `alarm:${name}`),
  "aws:cloudwatch/logGroup:LogGroup": (name, inputs, region) =>
    arn("logs", (given) => `log-group:${given}`)(String(inputs.name ?? name), inputs, region),
  "aws:ec2/route:Route": onlyId,
  "aws:ec2/securityGroup:SecurityGroup": arn("ec2", (name) => `security-group/${name}`),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": onlyId,
  "aws:ecr/repository:Repository": (name, inputs, region) => ({
    ...arn("ecr", () => `repository/${name}`)(name, inputs, region),
    registryId: accountId,
    repositoryUrl: `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}`,
  }),
  "aws:ecs/cluster:Cluster": arn("ecs", (name) => `cluster/${name}`),
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": onlyId,
  "aws:ecs/service:Service": (name, inputs, region) => ({
    ...arn("ecs", () => `service/${name}`)(name, inputs, region),
    id: `service/${name}`,
  }),
  "aws:ecs/taskDefinition:TaskDefinition": (_name, { family }, region) => ({
    arn: `arn:aws:ecs:${region}:${accountId}:task-definition/${family}:1`,
    revision: 1,
  }),
  "aws:eks/addon:Addon": arn("eks", (name) => `addon/${name}`),
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": arn("eks", (name) => `podidentityassociation/${name}`),
  "aws:kms/key:Key": arn("kms", (name) => `key/${name}`),
  "eks:index:Cluster": (_name, { name }) => ({
    eksCluster: { name },
    clusterSecurityGroupId: `sg-${hex(String(name))}`,
    kubeconfigJson: JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], users: [] }),
  }),
  "aws:iam/role:Role": global("iam", (name) => `role/${name}`),
  "aws:iam/rolePolicy:RolePolicy": onlyId,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": onlyId,
  "aws:lb/listener:Listener": arn(
    "elasticloadbalancing",
    (name) => `listener/app/${name}/0123456789abcdef/0123456789abcdef`,
  ),
  "aws:lb/listenerRule:ListenerRule": arn(
    "elasticloadbalancing",
    (name) => `listener-rule/app/${name}/0123456789abcdef`,
  ),
  "aws:lb/loadBalancer:LoadBalancer": (name, _inputs, region) => ({
    arn: `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/app/${name}/${hex(name)}`,
    arnSuffix: `app/${name}/${hex(name)}`,
    dnsName: `${name}-1234567890.${region}.elb.amazonaws.com`,
    zoneId: "Z00000000000000000000",
  }),
  "aws:lb/targetGroup:TargetGroup": (name, _inputs, region) => ({
    arn: `arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/${name}/${hex(name)}`,
    arnSuffix: `targetgroup/${name}/${hex(name)}`,
    name,
  }),
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": arn(
    "servicediscovery",
    (name) => `namespace/${name}`,
  ),
  "aws:servicediscovery/service:Service": arn("servicediscovery", (name) => `service/${name}`),
  "aws:sns/topic:Topic": arn("sns", (name) => name),
  "aws:sns/topicSubscription:TopicSubscription": arn("sns", (name) => name),
  "aws:ec2/securityGroupRule:SecurityGroupRule": onlyId,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": onlyId,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": onlyId,
  "aws:s3/bucket:Bucket": (name) => ({ arn: `arn:aws:s3:::${name}`, bucket: name }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": onlyId,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": onlyId,
  "aws:s3/bucketPolicy:BucketPolicy": onlyId,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": onlyId,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": onlyId,
  "aws:wafv2/webAcl:WebAcl": arn("wafv2", (name) => `regional/webacl/${name}/01234567`),
  "aws:wafv2/webAclAssociation:WebAclAssociation": onlyId,
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": onlyId,
  "docker:index/container:Container": onlyId,
  "docker:index/remoteImage:RemoteImage": (_name, inputs) => ({
    imageId: `sha256:${hex(String(inputs.name)).repeat(4)}`,
  }),
  "docker-build:index:Image": () => ({ digest: `sha256:${"0123456789abcdef".repeat(4)}` }),
};

/** Every secret holds a list of two API keys, which is a sign-in to a registry as well. */
export const secretValue = JSON.stringify({ username: "0".repeat(64), password: "0".repeat(64) });

/** Existing resources that the stack names. */
export interface Given {
  readonly hostName?: string;
  readonly volumes?: Readonly<Record<string, { readonly efs: string; readonly accessPoint?: string }>>;
  readonly network?: {
    readonly vpcId?: string;
    readonly publicSubnetIds?: readonly string[];
    readonly privateSubnetIds?: readonly string[];
  };
}

type Call = (inputs: Record<string, unknown>, region: string, given: Given) => Record<string, unknown>;

/** Given subnets are in the given VPC, those of a list in one zone each. */
const subnet: Call = ({ id }, region, { network: { vpcId, publicSubnetIds = [], privateSubnetIds = [] } = {} }) => ({
  vpcId,
  availabilityZone: `${region}${"abcd"[Math.max(publicSubnetIds.indexOf(String(id)), privateSubnetIds.indexOf(String(id)))]}`,
  availableIpAddressCount: 2043,
  cidrBlock: "10.0.128.0/21",
  ipv6CidrBlock: "2001:db8::/64",
});

const calls: Readonly<Record<string, Call>> = {
  // Nothing runs offline.
  "pulumi:pulumi:readStackResourceOutputs": () => ({ outputs: {} }),
  // A zone that is named by its id only is the root zone, which contains every name.
  "aws:route53/getZone:getZone": ({ name = ".", zoneId = "Z00000000000000000001" }) => ({
    name,
    zoneId,
    privateZone: false,
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": (_inputs, region) => ({
    names: ["a", "b", "c", "d"].map((letter) => `${region}${letter}`),
    zoneIds: ["az1", "az2", "az4", "az5"].map((zone) => `offline-${zone}`),
  }),
  "aws:iam/getPolicy:getPolicy": ({ arn }) => ({ arn }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId,
    arn: `arn:aws:iam::${accountId}:user/offline`,
  }),
  "aws:secretsmanager/getSecretVersion:getSecretVersion": ({ secretId }) => ({ secretId, secretString: secretValue }),
  "aws:ssm/getParameter:getParameter": ({ name }) => ({ name, value: secretValue }),
  "aws:ecs/getCluster:getCluster": ({ clusterName }, region) => ({
    arn: `arn:aws:ecs:${region}:${accountId}:cluster/${clusterName}`,
    status: "ACTIVE",
    settings: [{ name: "containerInsights", value: "enabled" }],
  }),
  // A given listener is one of a load balancer in the given network.
  "aws:lb/getListener:getListener": ({ arn }) => ({
    arn,
    loadBalancerArn: String(arn)
      .replace(":listener/", ":loadbalancer/")
      .replace(/\/[0-9a-f]+$/, ""),
    port: 443,
    protocol: "HTTPS",
  }),
  "aws:lb/getLoadBalancer:getLoadBalancer": ({ arn }, region, { network: { vpcId, privateSubnetIds } = {} }) => ({
    arn,
    arnSuffix: String(arn).split("loadbalancer/")[1],
    dnsName: `shared-1234567890.${region}.elb.amazonaws.com`,
    idleTimeout: 60,
    internal: false,
    securityGroups: ["sg-0123456789abcdef0"],
    subnets: privateSubnetIds,
    vpcId,
  }),
  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": () => ({ ids: ["443", "2049"].map((port) => `sgr-${port}`) }),
  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": ({ securityGroupRuleId }) => {
    const port = Number(String(securityGroupRuleId).replace("sgr-", ""));
    return { cidrIpv4: "0.0.0.0/0", fromPort: port, ipProtocol: "tcp", isEgress: false, toPort: port };
  },
  // A given file system has a mount target in every zone of the given network.
  "aws:efs/getFileSystem:getFileSystem": ({ fileSystemId }) => ({ fileSystemId }),
  "aws:efs/getAccessPoint:getAccessPoint": ({ accessPointId }, _region, { volumes = {} }) => ({
    accessPointId,
    fileSystemId: Object.values(volumes).find(({ accessPoint }) => accessPoint === accessPointId)?.efs,
  }),
  "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": () => ({ ids: ["a", "b", "c", "d"] }),
  "aws:ec2/getNetworkInterface:getNetworkInterface": ({ id }, region, { network: { vpcId } = {} }) => ({
    id,
    availabilityZone: `${region}${id}`,
    securityGroups: ["sg-0123456789abcdef0"],
    vpcId,
  }),
  "aws:eks/getClusters:getClusters": () => ({ names: [] }),
  "aws:eks/getClusterVersions:getClusterVersions": () => ({
    clusterVersions: ["1.34", "1.35", "1.36"].map((clusterVersion) => ({
      clusterVersion,
      versionStatus: "STANDARD_SUPPORT",
    })),
  }),
  "aws:eks/getAddonVersion:getAddonVersion": (inputs) => ({ ...inputs, version: "v6.4.0-eksbuild.1" }),
  "aws:ec2/getSubnet:getSubnet": subnet,
  "aws:ec2/getVpc:getVpc": () => ({ cidrBlock: "10.0.0.0/16", cidrBlockAssociations: [] }),
  "aws:ec2/getRouteTable:getRouteTable": ({ subnetId }) => ({
    routeTableId: `rtb-of-${subnetId}`,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-0123abcd" }],
  }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    userName: "AWS",
    password: "a token",
    proxyEndpoint: `https://${accountId}.dkr.ecr.amazonaws.com`,
  }),
};

/** Kubernetes objects return their name and their inputs. */
function named(name: string, inputs: Record<string, unknown>) {
  const metadata = (inputs.metadata ?? {}) as Record<string, unknown>;
  return { ...inputs, metadata: { name, ...metadata } };
}

/** A given ECS cluster runs tasks on Fargate. */
const givenCapacity = (clusterName: string) => ({
  id: clusterName,
  state: { clusterName, capacityProviders: ["FARGATE", "FARGATE_SPOT"] },
});

/** A given certificate is issued for the stack's domain. */
const givenCertificate = (arn: string, hostName: string) => ({
  id: arn,
  state: { arn, domainName: hostName, subjectAlternativeNames: [hostName], status: "ISSUED" },
});

export function offlineCloud(region: string, given: Given = {}): Cloud {
  return {
    create({ type, name, inputs, custom, id }) {
      if (type === "aws:acm/certificate:Certificate" && id) return givenCertificate(id, given.hostName ?? "");
      if (type === "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders" && id) return givenCapacity(id);
      if (!custom && !(type in answers)) return { id: "", state: {} };
      if (type.startsWith("kubernetes:")) return { id: `${name}-id`, state: named(name, inputs) };
      if (type.startsWith("pulumi:providers:")) return { id: `${name}-id`, state: inputs };
      const answer = answers[type];
      if (!answer) throw new Error(`the offline cloud has no ${type}: add its outputs to tools/offline/cloud.ts`);
      return { id: `${name}-id`, state: { ...inputs, ...answer(name, inputs, region) } };
    },
    call({ token, inputs }) {
      const answer = calls[token];
      if (!answer)
        throw new Error(`the offline cloud cannot answer ${token}: add its answer to tools/offline/cloud.ts`);
      return answer(inputs, region, given);
    },
  };
}
