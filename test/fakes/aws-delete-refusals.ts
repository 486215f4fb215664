import { type Account, type Held, refersTo } from "./account";
import { stringsIn } from "./values";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";

const networkUsers = [
  "aws:lb/loadBalancer:LoadBalancer",
  "aws:ecs/service:Service",
  "aws:ec2/vpcEndpoint:VpcEndpoint",
  "aws:eks/cluster:Cluster",
];

/** AWS refuses to delete a resource while one of these types refers to it. */
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

export function refusesDelete(subject: Held, account: Account): string | undefined {
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

/** AWS deletes a group with its own rules, but not while a rule of another group names it. */
function refusesGroupNamedByRules(subject: Held, account: Account): string | undefined {
  const rule = account
    .held()
    .find((one) => one.inputs.referencedSecurityGroupId === subject.id && one.inputs.securityGroupId !== subject.id);
  return rule && `DependencyViolation: the group is named by a rule of another group (${rule.type} "${rule.name}")`;
}
