import type { Account, Held } from "./account";
import { region } from "./aws-shapes";
import { subnetOf } from "./aws-subnets";
import { recordsIn, stringsIn } from "./values";

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

/** The subnets of a load balancer must be in its VPC, each in another zone. */
export function refusesLoadBalancerSubnets(subject: Held, account: Account): string | undefined {
  const subnets = stringsIn(subject.inputs.subnets).map((id) => subnetOf(id, region, account));
  const zones = subnets.map(({ availabilityZone }) => availabilityZone);
  if (new Set(zones).size < zones.length) {
    return "InvalidConfigurationRequest: a load balancer cannot be attached to multiple subnets in the same Availability Zone";
  }
  const { vpcId = subnets[0]?.vpcId } = subject.outputs;
  const stray = subnets.find((subnet) => subnet.vpcId !== vpcId);
  return stray && `InvalidSubnet: the subnet ${stray.id} is not in ${vpcId}, the VPC of the load balancer`;
}

/** The values that a condition compares with; the name of a header is none of them. */
const valuesOf = (condition: Readonly<Record<string, unknown>>) =>
  Object.values(condition).flatMap((one) => stringsIn((one as { values?: unknown }).values));

export function refusesRule(subject: Held, account: Account): string | undefined {
  const associated = refusesSecondLoadBalancer(subject, account);
  if (associated !== undefined) return associated;
  const values = recordsIn(subject.inputs.conditions).flatMap((condition) => valuesOf(condition));
  if (values.length > 5) return "ValidationError: a rule can only have '5' condition values";
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

/** ACM issues a certificate once its DNS record exists; a load balancer accepts it only then. */
export function refusesListener(subject: Held, account: Account): string | undefined {
  const { certificateArn } = subject.inputs;
  if (certificateArn === undefined) return undefined;
  const isIssued = account
    .of("aws:acm/certificateValidation:CertificateValidation")
    .some(({ inputs }) => inputs.certificateArn === certificateArn);
  return isIssued ? undefined : `UnsupportedCertificate: the certificate ${certificateArn} has not been issued`;
}
