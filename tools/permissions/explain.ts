import { resourceActions } from "./actions";
import type { Permissions, Statement } from "./statements";

/** One call that AWS refused. */
export interface Denial {
  readonly action: string;
  /** The arn of the caller, when AWS names it. */
  readonly who?: string;
  readonly resource?: string;
  /** What refused it, if not a missing statement. */
  readonly by?: "boundary" | "organization";
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const named =
  /(?:User: )?(arn:[^\s"]+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: ([^\s"]+))?([^\n]*)/g;
/** The program's own words: components/aws/fault.ts. */
const spoken = /(arn:[^\s"]+) needs the permission ([\w-]+:\w+)/g;
/** EC2 may encode the reason: only the SDK's prefix names the call then. */
const encoded = /operation error ([\w ]+): (\w+),[^\n]*(?:UnauthorizedOperation|AccessDenied)/g;

/** The calls that AWS refused, from the output of `pulumi up` or `pulumi preview`. */
export function denialsIn(output: string): Denial[] {
  const found: Denial[] = [
    ...[...output.matchAll(named)].map(([, who, action = "", resource, rest = ""]) => ({
      action,
      who,
      ...(resource && { resource: resource.replace(/[.,;]$/, "") }),
      ...refuser(rest),
    })),
    ...[...output.matchAll(spoken)].map(([, who, action = ""]) => ({ who, action })),
  ];
  const others = [...output.matchAll(encoded)]
    .map(([, service = "", operation = ""]) => ({ action: `${prefixOf(service)}:${operation}` }))
    .filter(({ action }) => !found.some((one) => one.action === action));
  return [...new Map([...others, ...found].map((one) => [one.action, one])).values()];
}

function refuser(text: string): Pick<Denial, "by"> {
  if (/permissions boundary/.test(text)) return { by: "boundary" };
  return /service control policy|resource control policy|explicit deny/.test(text) ? { by: "organization" } : {};
}

/** The SDK's service names that are not IAM's in lower case: https://github.com/aws/aws-sdk-go-v2, service ids. */
const prefixes: Readonly<Record<string, string>> = {
  "Application Auto Scaling": "application-autoscaling",
  "CloudWatch Logs": "logs",
  EFS: "elasticfilesystem",
  "Elastic Load Balancing v2": "elasticloadbalancing",
  "Route 53": "route53",
  "Secrets Manager": "secretsmanager",
};
const prefixOf = (service: string) => prefixes[service] ?? service.toLowerCase().replaceAll(" ", "");

/** What to do about a refused call, with the statement to add. `held` is ci/permissions.json. */
export function explain({ action, who, resource, by }: Denial, held: Permissions): string {
  const subject = `${who ?? "The caller"} may not call ${action}${resource ? ` on ${resource}` : ""}.`;
  if (by === "boundary")
    return `${subject}\n  Its permissions boundary does not allow it. Add the action to the boundary.`;
  if (by === "organization")
    return `${subject}\n  A policy of the organization or an explicit deny refuses it. A statement in a role does not help: ask its owner.`;
  const statement = held.deploy.find(({ Action }) => Action.includes(action));
  return `${subject}\n${statement ? heldAlready(statement, who) : missing(action, resource)}`;
}

/** The file has the action: the role is older, is the preview's, or the resource has another name. */
function heldAlready({ Sid, Resource, Condition }: Statement, who = ""): string {
  const isPreview = /\bci-[\w-]+-preview\b/.test(who);
  const scope = `statement ${Sid} of ci/permissions.json allows it on ${Resource.join(", ")}${Condition ? `, if ${JSON.stringify(Condition)}` : ""}`;
  return isPreview
    ? `  The preview role only reads. Run this step with the deploy role: ${scope}.`
    : `  ${scope[0]?.toUpperCase()}${scope.slice(1)}. Update the role: pulumi -C ci up. If the resource is another one, change the scope in tools/permissions/statements.ts.`;
}

function missing(action: string, resource = "*"): string {
  const types = Object.entries(resourceActions)
    .filter(([, { read, write = "" }]) => `${read} ${write}`.split(" ").includes(action))
    .map(([type]) => type);
  if (types.length > 0)
    return `  ${types.join(" and ")} ${types.length > 1 ? "need" : "needs"} it, and ci/permissions.json is older than the stack files. Run:\n    npm run permissions -- --write\n    pulumi -C ci up`;
  const statement = { Effect: "Allow", Action: [action], Resource: [resource] };
  return `  No resource type in tools/permissions/actions has it. Add it there, or add this statement to the list in ci/statements.json and run pulumi -C ci up:\n    ${JSON.stringify(statement)}`;
}
