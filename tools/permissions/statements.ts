import { wholeSecret } from "../../components/iam/role";
import { UserError } from "../cli/user-error";
import { functionActions, resourceActions } from "./actions";
import type { Needs } from "./needs";
import { sdkActions } from "./sdk-calls";

/** A statement of an IAM policy. `<account>` in a resource is the account of the roles. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** The two roles of CI. */
export interface Permissions {
  /** What previews call. They change nothing and read no secret. */
  readonly preview: readonly Statement[];
  readonly deploy: readonly Statement[];
}

const split = (actions: string) => actions.split(" ").filter((action) => action !== "");
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html has none for the account. */
export const accountMark = "<account>";

/** Everything that is not an object in a cluster, a component or Pulumi's own. */
const isOfAws = (type: string) => /^(aws:|docker-build:)/.test(type);
const reads = /:(?:BatchGet|Describe|Get|List|View)/;
const secretReads = ["secretsmanager:GetSecretValue", "ssm:GetParameter"];

export function permissionsFor(needs: Needs): Permissions {
  const types = needs.types.filter(isOfAws);
  const read = new Set([
    ...types.flatMap((type) => split(actionsOf(type).read)),
    ...needs.functions.flatMap((token) => split(functionsOf(token))),
    ...sdkActions().filter((action) => reads.test(action)),
  ]);
  const all = new Set([...read, ...types.flatMap((type) => split(actionsOf(type).write ?? "")), ...sdkActions()]);
  const linked = [...new Set(types.flatMap((type) => actionsOf(type).linked ?? []))].sort();
  const preview = [...read].filter((action) => !secretReads.includes(action));
  return {
    preview: statements(preview, needs),
    deploy: [...statements([...all], needs), ...(linked.length > 0 ? [linkedRoles(linked)] : [])],
  };
}

function actionsOf(type: string) {
  const found = resourceActions[type];
  if (found) return found;
  throw new UserError(`${type} has no AWS actions: add them to tools/permissions/actions`);
}

function functionsOf(token: string): string {
  const found = functionActions[token];
  if (found !== undefined) return found;
  throw new UserError(
    `${token} has no AWS actions: add them to functionActions in tools/permissions/actions/functions.ts`,
  );
}

/** A statement for each service and scope, in the order of their names. */
function statements(actions: readonly string[], needs: Needs): Statement[] {
  const bySid = new Map<string, { actions: string[]; scope: Scope }>();
  for (const action of [...actions].sort()) {
    const scope = scopeOf(action, needs);
    if (scope.resources.length === 0) continue;
    const sid = `${pascal(action.split(":")[0] ?? "")}${scope.part ?? ""}`;
    const entry = bySid.get(sid) ?? { actions: [], scope };
    entry.actions.push(action);
    bySid.set(sid, entry);
  }
  return [...bySid]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([Sid, { actions: Action, scope }]) => ({
      Sid,
      Effect: "Allow",
      Action,
      Resource: scope.resources,
      ...(scope.condition && { Condition: scope.condition }),
    }));
}

const pascal = (service: string) => service.replace(/(^|-)(\w)/g, (_, _hyphen, letter: string) => letter.toUpperCase());

interface Scope {
  /** Distinguishes several statements of one service. */
  readonly part?: string;
  readonly resources: readonly string[];
  readonly condition?: Statement["Condition"];
}

/** Services without regions. Their requests have the region us-east-1, whatever the stack's. */
const globalServices = ["billing", "budgets", "route53"];

/** By name where AWS has names before the resource exists, by region otherwise. */
function scopeOf(action: string, needs: Needs): Scope {
  const { name, regions } = needs;
  const [service = ""] = action.split(":");
  if (service === "iam") return iamScope(action, needs);
  if (service === "s3") return { resources: [`arn:aws:s3:::${name}-*`] };
  if (action === "secretsmanager:GetSecretValue") return { resources: needs.secrets.flatMap(wholeSecret) };
  if (action === "ssm:GetParameter") return { resources: needs.parameters };
  if (action === "ecr:GetAuthorizationToken") return { part: "SignIn", resources: ["*"] };
  if (service === "ecr") {
    const own = regions.map((region) => `arn:aws:ecr:${region}:${accountMark}:repository/${name}-*`);
    return {
      resources: [...own, ...(reads.test(action) ? needs.repositories : [])],
      part: reads.test(action) ? "Read" : "",
    };
  }
  if (globalServices.includes(service)) return { resources: ["*"] };
  return { resources: ["*"], condition: { StringEquals: { "aws:RequestedRegion": regions } } };
}

function iamScope(action: string, { name, passedTo, policies, boundaries }: Needs): Scope {
  const roles = [`arn:aws:iam::${accountMark}:role/${name}-*`];
  const bounded = boundaries.length > 0 && { "iam:PermissionsBoundary": boundaries };
  switch (action) {
    case "iam:PassRole":
      return { part: "Pass", resources: roles, condition: { StringEquals: { "iam:PassedToService": passedTo } } };
    case "iam:AttachRolePolicy":
    case "iam:DetachRolePolicy":
      return policies.length === 0
        ? { resources: [] }
        : { part: "Attach", resources: roles, condition: { ArnEquals: { "iam:PolicyARN": policies } } };
    case "iam:CreateRole":
    case "iam:PutRolePermissionsBoundary":
    case "iam:PutRolePolicy":
      return { part: "Grant", resources: roles, ...(bounded && { condition: { StringEquals: bounded } }) };
    case "iam:DeleteRolePermissionsBoundary":
      return { part: "Unbind", resources: bounded ? [] : roles };
    case "iam:GetPolicy":
    case "iam:GetPolicyVersion":
      return { part: "Policies", resources: [...new Set([...policies, ...boundaries])] };
    default:
      return { part: "Roles", resources: roles };
  }
}

/** AWS creates them with the first resource of the account: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html */
const linkedRoles = (services: readonly string[]): Statement => ({
  Sid: "IamLinked",
  Effect: "Allow",
  Action: ["iam:CreateServiceLinkedRole"],
  Resource: [`arn:aws:iam::${accountMark}:role/aws-service-role/*`],
  Condition: { StringEquals: { "iam:AWSServiceName": services } },
});
