import { list, object, type Properties, type Resource, type ResourceRule } from "./rule";
import { statementsOf } from "./statements";

/**
 * Actions for which AWS takes no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
 * Extend the list by those that the reference shows without a resource type.
 */
export const withoutResource: readonly RegExp[] = [
  /^ecr:GetAuthorizationToken$/,
  /^ssmmessages:(CreateControlChannel|CreateDataChannel|OpenControlChannel|OpenDataChannel)$/,
  /^cloudwatch:(GetMetricData|PutMetricData)$/,
  /^ec2:Describe\w+$/,
];

function faultsOf({ Action, NotAction, Resource: resources, NotResource }: Properties): string[] {
  const actions = list(Action).map(String);
  const wide = actions.filter((action) => action === "*" || action.endsWith(":*"));
  const bound = actions.filter((action) => !withoutResource.some((pattern) => pattern.test(action)));
  return [
    ...(NotAction === undefined ? [] : ["NotAction allows everything else; expected Action"]),
    ...(NotResource === undefined ? [] : ["NotResource allows everything else; expected Resource"]),
    ...(wide.length === 0 ? [] : [`it allows ${wide.join(", ")}; expected the actions by name`]),
    ...(list(resources).includes("*") && bound.length > 0
      ? [`it allows ${bound.join(", ")} on every resource; expected arns`]
      : []),
  ];
}

const policiesOf = ({ props }: Resource) => [
  props.policy,
  ...list(props.inlinePolicies).map((policy) => object(policy).policy),
];

const managed = /^arn:aws[\w-]*:iam::aws:policy\/(AdministratorAccess|PowerUserAccess|\w*FullAccess)/;

export const iamWildcard: ResourceRule = {
  name: "iam-wildcard",
  description:
    "A policy of IAM names its actions and resources, except for actions that AWS allows on every resource only.",
  types: [
    ...["Role", "User", "Group"].map((of) => `aws:iam/${of.toLowerCase()}Policy:${of}Policy`),
    ...["Role", "User", "Group"].map((of) => `aws:iam/${of.toLowerCase()}PolicyAttachment:${of}PolicyAttachment`),
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
  ],
  violations: (resource) => {
    const arn = String(resource.props.policyArn ?? "");
    const attached = managed.test(arn) ? [`it attaches ${arn}; expected a policy that names its actions`] : [];
    return [...attached, ...policiesOf(resource).flatMap((policy) => statementsOf(policy).flatMap(faultsOf))];
  },
};
