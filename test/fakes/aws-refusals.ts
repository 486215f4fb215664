import { type Account, type Held, type Operation, refersTo } from "./account";
import { rangeOf } from "./addresses";
import { lastPart, region } from "./aws-shapes";
import { subnetOf } from "./aws-subnets";
import type { InjectedFailure } from "./injected-failures";
import { recordsIn, stringsIn } from "./values";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** The alarms that an ECS service rolls a deployment back on. */
function rollbackAlarms({ inputs }: Held): string[] {
  const { enable, rollback, alarmNames } = (inputs.alarms ?? {}) as Record<string, unknown>;
  return enable === true && rollback === true ? stringsIn(alarmNames) : [];
}

/** A deployment ends where it began when a test injects its failure, or when an alarm fires that its service watches. */
export function rollsBack(subject: Held, { does, message = "" }: InjectedFailure): string | undefined {
  if (does === "failDeployment") return message;
  const watched = rollbackAlarms(subject).find((name) => name.startsWith(`${message}-`));
  return does === "soundAlarm" && watched ? `deployment failed: alarm detected: ${watched}` : undefined;
}

const networkUsers = [
  "aws:lb/loadBalancer:LoadBalancer",
  "aws:ecs/service:Service",
  "aws:ec2/vpcEndpoint:VpcEndpoint",
  "aws:eks/cluster:Cluster",
];

/** Deleting the first is refused with the code while one of the others refers to it. */
const heldBy: Record<string, { code: string; types: string[] }> = {
  "aws:lb/targetGroup:TargetGroup": {
    code: "ResourceInUse: the target group is in use by a listener or a rule",
    types: ["aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"],
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    code: "DependencyViolation: the group has a dependent object",
    types: networkUsers,
  },
  "aws:ec2/subnet:Subnet": {
    code: "DependencyViolation: the subnet has dependencies",
    types: [...networkUsers, "aws:ec2/natGateway:NatGateway"],
  },
  "aws:ec2/vpc:Vpc": {
    code: "DependencyViolation: the VPC has dependencies",
    types: [
      "aws:ec2/subnet:Subnet",
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:ec2/internetGateway:InternetGateway",
      "aws:ec2/routeTable:RouteTable",
      "aws:ec2/vpcEndpoint:VpcEndpoint",
    ],
  },
  "aws:acm/certificate:Certificate": {
    code: "ResourceInUseException: the certificate is in use",
    types: ["aws:lb/listener:Listener"],
  },
  "aws:ec2/eip:Eip": {
    code: "InvalidIPAddress.InUse: the address is in use",
    types: ["aws:ec2/natGateway:NatGateway"],
  },
  "aws:ec2/routeTable:RouteTable": {
    code: "DependencyViolation: the route table has dependencies",
    types: ["aws:ec2/routeTableAssociation:RouteTableAssociation"],
  },
  "aws:ecs/cluster:Cluster": {
    code: "ClusterContainsServicesException: the cluster contains services",
    types: ["aws:ecs/service:Service"],
  },
  "aws:iam/role:Role": {
    code: "DeleteConflict: the role has policies; delete or detach them first",
    types: ["aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
  },
  "aws:iam/policy:Policy": {
    code: "DeleteConflict: the policy is attached",
    types: ["aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
  },
};

function refusesDelete(subject: Held, account: Account): string | undefined {
  const rule = heldBy[subject.type];
  const holder = rule && account.held().find((one) => rule.types.includes(one.type) && refersTo(one, subject));
  const composite = account
    .of("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    .find(
      ({ inputs }) => subject.type === metricAlarm && String(inputs.alarmRule).includes(`"${subject.inputs.name}"`),
    );
  if (composite !== undefined) return `ValidationError: the composite alarm "${composite.name}" depends on it`;
  if (rule !== undefined && holder !== undefined) return `${rule.code} (${holder.type} "${holder.name}")`;
  if (subject.type === "aws:ec2/securityGroup:SecurityGroup") return refusesGroupNamedByRules(subject, account);
  if (subject.type !== "aws:ecr/repository:Repository" || subject.inputs.forceDelete === true) return undefined;
  const url = String(subject.outputs.repositoryUrl);
  const image = account
    .of("docker-build:index:Image")
    .find((one) => stringsIn(one.inputs.tags).some((tag) => tag.startsWith(`${url}:`)));
  return image && `RepositoryNotEmptyException: the repository has images (docker-build:index:Image "${image.name}")`;
}

/** A group's own rules go with it; a rule of another group that names it does not. */
function refusesGroupNamedByRules(subject: Held, account: Account): string | undefined {
  const rule = account
    .held()
    .find((one) => one.inputs.referencedSecurityGroupId === subject.id && one.inputs.securityGroupId !== subject.id);
  return rule && `DependencyViolation: the group is named by a rule of another group (${rule.type} "${rule.name}")`;
}

function refusesService(subject: Held, account: Account): string | undefined {
  const alarms = account.of(metricAlarm).map(({ inputs }) => inputs.name);
  const missing = rollbackAlarms(subject).find((name) => !alarms.includes(name));
  if (missing !== undefined) return `InvalidParameterException: the alarm ${missing} could not be found`;
  const strategy = recordsIn(subject.inputs.capacityProviderStrategies);
  if (subject.inputs.launchType !== undefined && strategy.length > 0) {
    return "InvalidParameterException: specifying both a launch type and capacity provider strategy is not supported";
  }
  const rules = [...account.of("aws:lb/listenerRule:ListenerRule"), ...account.of("aws:lb/listener:Listener")];
  for (const { targetGroupArn } of recordsIn(subject.inputs.loadBalancers)) {
    if (rules.some((rule) => stringsIn(rule.inputs).includes(String(targetGroupArn)))) continue;
    return `InvalidParameterException: the target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer`;
  }
  const providers = account
    .of("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    .filter((one) => one.inputs.clusterName === lastPart(subject.inputs.cluster))
    .flatMap((one) => stringsIn(one.inputs.capacityProviders));
  const stray = strategy.find(({ capacityProvider }) => !providers.includes(String(capacityProvider)));
  if (stray !== undefined) {
    return `InvalidParameterException: capacity provider ${stray.capacityProvider} is not associated with the cluster`;
  }
  return refusesTask(String(subject.inputs.taskDefinition), account);
}

/** AWS accepts the service, but its tasks can neither pull nor log until the policies are there, so it never gets steady. */
function refusesTask(taskDefinitionArn: string, account: Account): string | undefined {
  const task = account.of("aws:ecs/taskDefinition:TaskDefinition").find((one) => one.outputs.arn === taskDefinitionArn);
  if (task === undefined) return `ClientException: unable to describe task definition ${taskDefinitionArn}`;
  const roleName = lastPart(task.inputs.executionRoleArn);
  const policies = [
    ...account.of("aws:iam/rolePolicy:RolePolicy"),
    ...account.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
  ];
  if (policies.some((policy) => policy.inputs.role === roleName)) return undefined;
  return `CannotPullContainerError: role ${roleName} has no policy that allows to pull; tasks of the service stop`;
}

const groupsOf = ({ inputs }: Held) =>
  stringsIn(inputs.actions ?? inputs.defaultActions).filter((arn) => arn.includes(":targetgroup/"));

/** "Load balancers per target group: 1", not adjustable: docs.aws.amazon.com/elasticloadbalancing, load-balancer-limits. */
function refusesSecondLoadBalancer(subject: Held, account: Account): string | undefined {
  const listeners = account.of("aws:lb/listener:Listener");
  const loadBalancerOf = ({ inputs }: Held) =>
    inputs.loadBalancerArn ?? listeners.find(({ id }) => id === inputs.listenerArn)?.inputs.loadBalancerArn;
  const own = groupsOf(subject);
  const forwarding = [...listeners, ...account.of("aws:lb/listenerRule:ListenerRule")];
  const other = forwarding.find(
    (one) =>
      one.id !== subject.id &&
      loadBalancerOf(one) !== loadBalancerOf(subject) &&
      groupsOf(one).some((arn) => own.includes(arn)),
  );
  const shared = other && groupsOf(other).filter((arn) => own.includes(arn));
  return (
    shared &&
    `TargetGroupAssociationLimit: the following target groups cannot be associated with more than one load balancer: ${shared}`
  );
}

/** All subnets of a load balancer lie in its VPC, each in a zone of its own. */
function refusesLoadBalancerSubnets(subject: Held, account: Account): string | undefined {
  const subnets = stringsIn(subject.inputs.subnets).map((id) => subnetOf(id, region, account));
  const zones = subnets.map(({ availabilityZone }) => availabilityZone);
  if (new Set(zones).size < zones.length) {
    return "InvalidConfigurationRequest: a load balancer cannot be attached to multiple subnets in the same Availability Zone";
  }
  const { vpcId = subnets[0]?.vpcId } = subject.outputs;
  const stray = subnets.find((subnet) => subnet.vpcId !== vpcId);
  return stray && `InvalidSubnet: the subnet ${stray.id} is not in ${vpcId}, the VPC of the load balancer`;
}

function refusesRule(subject: Held, account: Account): string | undefined {
  const associated = refusesSecondLoadBalancer(subject, account);
  if (associated !== undefined) return associated;
  const groups = recordsIn(subject.inputs.actions).flatMap(({ forward }) =>
    typeof forward === "object" && forward !== null
      ? recordsIn((forward as { targetGroups?: unknown }).targetGroups)
      : [],
  );
  if (groups.length > 5) return "TooManyTargetGroups: a forward action takes at most 5 target groups";
  const weight = groups.map((group) => group.weight).find((one) => typeof one === "number" && (one < 0 || one > 999));
  if (weight !== undefined) return `ValidationError: target group weight ${weight} must be between 0 and 999`;
  const twin = account
    .of(subject.type)
    .find(
      (one) =>
        one.id !== subject.id &&
        one.inputs.listenerArn === subject.inputs.listenerArn &&
        one.inputs.priority === subject.inputs.priority,
    );
  return twin && `PriorityInUse: priority ${subject.inputs.priority} is in use by "${twin.name}"`;
}

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

/** The zones that a cluster was made in are its zones for good. */
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

function refusesScaling(subject: Held, account: Account): string | undefined {
  const services = account
    .of("aws:ecs/service:Service")
    .map((one) => `service/${lastPart(one.inputs.cluster)}/${one.inputs.name}`);
  if (!String(subject.inputs.resourceId).startsWith("service/") || services.includes(String(subject.inputs.resourceId)))
    return undefined;
  return `ValidationException: ECS service doesn't exist: ${subject.inputs.resourceId}`;
}

/** ACM issues a certificate once its record is there, and a load balancer takes none before. */
function refusesListener(subject: Held, account: Account): string | undefined {
  const { certificateArn } = subject.inputs;
  if (certificateArn === undefined) return undefined;
  const isIssued = account
    .of("aws:acm/certificateValidation:CertificateValidation")
    .some(({ inputs }) => inputs.certificateArn === certificateArn);
  return isIssued ? undefined : `UnsupportedCertificate: the certificate ${certificateArn} has not been issued`;
}

/** What AWS refuses because of the order of things; what it refuses of one value alone is the emulator tier's. */
export function refuses(op: Operation, subject: Held, account: Account): string | undefined {
  if (op === "delete") return refusesDelete(subject, account);
  const badName = op === "create" ? refusesName(subject, account) : undefined;
  if (badName !== undefined) return badName;
  if (op === "create" && subject.type === "aws:ec2/subnet:Subnet") return refusesSubnet(subject, account);
  if (subject.type === "aws:ecs/service:Service") return refusesService(subject, account);
  if (subject.type === "aws:lb/listenerRule:ListenerRule") return refusesRule(subject, account);
  if (subject.type === "aws:lb/loadBalancer:LoadBalancer") return refusesLoadBalancerSubnets(subject, account);
  if (subject.type === "aws:lb/listener:Listener") return refusesListener(subject, account);
  if (subject.type === "aws:eks/cluster:Cluster") return refusesZones(subject, account);
  return subject.type === "aws:appautoscaling/target:Target" ? refusesScaling(subject, account) : undefined;
}
