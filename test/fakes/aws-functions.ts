import type { Account } from "./account";
import { accountId, region } from "./aws-shapes";
import { subnetOf } from "./aws-subnets";
import { type Properties, stringsIn } from "./values";

/** A local zone, the zones of the region, and among them one in which EKS creates no cluster. */
const zones = [`${region}-bos-1a`, ...["a", "b", "c", "d", "e"].map((letter) => `${region}${letter}`)];
const zoneIds = ["use1-bos1-az1", "use1-az1", "use1-az3", "use1-az2", "use1-az4", "use1-az5"];

/** Secret values, by the end of the ARN. */
const secrets: Record<string, string> = {
  "keys-AbCdEf": JSON.stringify({ "fake-key": "0123456789abcdef".repeat(4) }),
  "unfit-keys-AbCdEf": '{"fake-key": "plain"}',
};

const ingressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const eksCluster = "aws:eks/cluster:Cluster";
const eksVersions = ["1.34", "1.35", "1.36"];

/** A mount target in each zone of the region, in an existing VPC. */
const mountTargets = { vpcId: "vpc-0123abcd", securityGroups: ["sg-0123456789abcdef0"] };

const functions: Record<string, (inputs: Properties, account: Account) => Properties> = {
  "aws:ec2/getSubnet:getSubnet": ({ id }, account) => subnetOf(String(id), region, account),
  "aws:ec2/getVpc:getVpc": ({ id }) => ({ id, cidrBlock: "10.0.0.0/16", cidrBlockAssociations: [] }),
  "aws:ec2/getRouteTable:getRouteTable": ({ subnetId }) => ({
    id: `rtb-of-${subnetId}`,
    subnetId,
    routeTableId: `rtb-of-${subnetId}`,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-0123abcd" }],
  }),
  "aws:secretsmanager/getSecretVersion:getSecretVersion": ({ secretId }) => ({
    id: secretId,
    secretId,
    secretString: secrets[String(String(secretId).split(":")[6])] ?? "fake-client-secret",
  }),
  "aws:route53/getZone:getZone": ({ name, zoneId }) => {
    if (name !== undefined && name !== "example.com") throw new Error("no matching Route 53 Hosted Zone found");
    return { id: zoneId ?? "Z1", zoneId: zoneId ?? "Z1", name: "example.com", privateZone: false };
  },
  "aws:ecs/getCluster:getCluster": ({ clusterName }, account) => {
    const found = account.of("aws:ecs/cluster:Cluster").find(({ inputs }) => inputs.name === clusterName);
    if (!found) throw new Error(`reading ECS Cluster (${clusterName}): couldn't find resource`);
    const { arn } = found.outputs;
    return { id: arn, arn, clusterName, status: "ACTIVE", settings: found.inputs.settings };
  },
  "aws:lb/getListener:getListener": ({ arn }, account) => {
    const found = account.of("aws:lb/listener:Listener").find(({ id }) => id === arn);
    if (!found) throw new Error(`reading ELBv2 Listener (${arn}): couldn't find resource`);
    return { id: arn, arn, ...found.inputs };
  },
  "aws:lb/getLoadBalancer:getLoadBalancer": ({ arn }, account) => {
    const found = account.of("aws:lb/loadBalancer:LoadBalancer").find(({ id }) => id === arn);
    if (!found) throw new Error(`reading ELBv2 Load Balancer (${arn}): couldn't find resource`);
    return { id: arn, arn, internal: false, idleTimeout: 60, ...found.inputs, ...found.outputs };
  },
  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": ({ filters }, account) => {
    const groups = stringsIn(filters);
    const rules = account.of(ingressRule).filter(({ inputs }) => groups.includes(String(inputs.securityGroupId)));
    return { id: region, ids: rules.map(({ id }) => id) };
  },
  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": ({ securityGroupRuleId: id }, account) => {
    const found = account.of(ingressRule).find((rule) => rule.id === id);
    return { id, isEgress: false, ...found?.inputs };
  },
  "aws:eks/getClusters:getClusters": (_inputs, account) => ({
    id: region,
    names: account.of(eksCluster).map(({ inputs }) => inputs.name),
  }),
  "aws:eks/getClusterVersions:getClusterVersions": () => ({
    id: region,
    clusterVersions: eksVersions.map((clusterVersion) => ({ clusterVersion, versionStatus: "STANDARD_SUPPORT" })),
  }),
  "aws:eks/getCluster:getCluster": ({ name }, account) => {
    const own = account.of(eksCluster).find(({ inputs }) => inputs.name === name);
    if (own) return { id: name, ...own.inputs };
    if (name !== "team") throw new Error("reading EKS Cluster: couldn't find resource");
    const vpcConfig = { vpcId: "vpc-0123abcd", clusterSecurityGroupId: "sg-0fedcba9" };
    return {
      id: name,
      name,
      vpcConfig,
      computeConfigs: [{ enabled: false }],
      kubernetesNetworkConfigs: [{ ipFamily: "ipv4" }],
    };
  },
  "aws:efs/getFileSystem:getFileSystem": ({ fileSystemId }) => ({ id: fileSystemId, fileSystemId }),
  "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": () => ({ id: region, ids: zones.slice(1) }),
  "aws:ec2/getNetworkInterface:getNetworkInterface": ({ id }) => ({ id, availabilityZone: id, ...mountTargets }),
  "aws:eks/getAddonVersion:getAddonVersion": (inputs) => ({ ...inputs, version: "v6.4.0-eksbuild.1" }),
  "aws:iam/getPolicy:getPolicy": ({ arn }) => {
    if (String(arn).endsWith("/missing")) throw new Error(`reading IAM Policy (${arn}): couldn't find resource`);
    return { id: arn, arn };
  },
  "aws:index/getRegion:getRegion": () => ({ id: region, name: region, region }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: accountId,
    accountId,
    arn: `arn:aws:iam::${accountId}:user/fake`,
    userId: "AIDAEXAMPLE",
  }),
  "aws:index/getPartition:getPartition": () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ id: region, names: zones, zoneIds }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    id: region,
    userName: "AWS",
    password: "fake-registry-password",
    proxyEndpoint: `https://${accountId}.dkr.ecr.${region}.amazonaws.com`,
  }),
};

const idsOf = (account: Account, type: string) => account.of(type).map(({ id }) => id);

/** What a new account may have of each, and what it has. */
const inUse: Record<string, (inputs: Properties, account: Account) => Properties> = {
  "aws:servicequotas/getServiceQuota:getServiceQuota": (inputs) => ({ ...inputs, id: inputs.quotaCode, value: 5 }),
  "aws:ec2/getVpcs:getVpcs": (_inputs, account) => ({ id: region, ids: idsOf(account, "aws:ec2/vpc:Vpc") }),
  "aws:ec2/getEips:getEips": (_inputs, account) => ({ id: region, allocationIds: idsOf(account, "aws:ec2/eip:Eip") }),
  "aws:lb/getLbs:getLbs": (_inputs, account) => ({
    id: region,
    arns: idsOf(account, "aws:lb/loadBalancer:LoadBalancer"),
  }),
};

export function invoke(token: string, inputs: Properties, account: Account): Properties {
  const answer = functions[token] ?? inUse[token];
  if (answer === undefined) throw new Error(`${token}: the fake provider has no answer for this function`);
  return answer(inputs, account);
}
