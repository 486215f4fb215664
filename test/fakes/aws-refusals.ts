import type { Account, Held, Operation } from "./account";
import { rangeOf } from "./addresses";
import { refusesDelete } from "./aws-delete-refusals";
import { refusesScaling, refusesService } from "./aws-ecs-refusals";
import { refusesListener, refusesLoadBalancerSubnets, refusesRule } from "./aws-load-balancer-refusals";
import { stringsIn } from "./values";

function refusesName(subject: Held, account: Account): string | undefined {
  const { name } = subject.inputs;
  if (typeof name !== "string") return undefined;
  const isShort = ["aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"].includes(subject.type);
  if (isShort && name.length > 32) return `ValidationError: name "${name}" is longer than 32 characters`;
  const uniqueTypes = [
    "aws:ecr/repository:Repository",
    "aws:ecs/cluster:Cluster",
    "aws:iam/role:Role",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:eks/cluster:Cluster",
  ];
  if (!isShort && !uniqueTypes.includes(subject.type)) return undefined;
  const twin = account.of(subject.type).find((one) => one.inputs.name === name);
  if (twin && subject.type === "aws:eks/cluster:Cluster") {
    return `ResourceInUseException: Cluster already exists with name: ${name}`;
  }
  return twin && `AlreadyExists: ${subject.type} "${name}" already exists`;
}

function refusesSubnet(subject: Held, account: Account): string | undefined {
  const wanted = rangeOf(String(subject.inputs.cidrBlock));
  const twin = account.of(subject.type).find(({ inputs }) => {
    const taken = rangeOf(String(inputs.cidrBlock));
    return inputs.vpcId === subject.inputs.vpcId && wanted.first < taken.end && taken.first < wanted.end;
  });
  return twin && `InvalidSubnet.Conflict: the CIDR '${subject.inputs.cidrBlock}' conflicts with "${twin.name}"`;
}

/** EKS never changes the zones of a cluster. */
function refusesZones(subject: Held, account: Account): string | undefined {
  const zonesOf = ({ inputs }: Held) => {
    const ids = stringsIn((inputs.vpcConfig as { subnetIds?: unknown }).subnetIds);
    const own = account.of("aws:ec2/subnet:Subnet").filter(({ id }) => ids.includes(id));
    return [...new Set(own.map(({ inputs: { availabilityZone } }) => String(availabilityZone)))].sort().join();
  };
  const before = account.of(subject.type).find(({ id }) => id === subject.id);
  const [first, now] = [before ?? subject, subject].map(zonesOf);
  return first === now
    ? undefined
    : `InvalidParameterException: subnets in ${now}; they should be in exactly the zones ${first} of the cluster's creation`;
}

/** EC2 takes no second rule of a group for the same peer and ports, whatever its description. */
function refusesSecurityGroupRule(subject: Held, account: Account): string | undefined {
  const keys = [
    "securityGroupId",
    "referencedSecurityGroupId",
    "cidrIpv4",
    "cidrIpv6",
    "ipProtocol",
    "fromPort",
    "toPort",
  ];
  const twin = account
    .of(subject.type)
    .find((one) => one.id !== subject.id && keys.every((key) => one.inputs[key] === subject.inputs[key]));
  return twin && `InvalidPermission.Duplicate: the specified rule already exists ("${twin.name}")`;
}

type Refusal = (subject: Held, account: Account) => string | undefined;

const ofType: Readonly<Record<string, Refusal>> = {
  "aws:appautoscaling/target:Target": refusesScaling,
  "aws:ecs/service:Service": refusesService,
  "aws:eks/cluster:Cluster": refusesZones,
  "aws:lb/listener:Listener": refusesListener,
  "aws:lb/listenerRule:ListenerRule": refusesRule,
  "aws:lb/loadBalancer:LoadBalancer": refusesLoadBalancerSubnets,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": refusesSecurityGroupRule,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": refusesSecurityGroupRule,
};

/** Refuses what AWS refuses because of other resources. Values that are wrong by themselves are the emulator tier's part. */
export function refuses(op: Operation, subject: Held, account: Account): string | undefined {
  if (op === "delete") return refusesDelete(subject, account);
  const badName = op === "create" ? refusesName(subject, account) : undefined;
  if (badName !== undefined) return badName;
  if (op === "create" && subject.type === "aws:ec2/subnet:Subnet") return refusesSubnet(subject, account);
  return ofType[subject.type]?.(subject, account);
}
