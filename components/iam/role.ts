import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Condition } from "../core/service-spec";

export interface Role {
  readonly arn: pulumi.Output<string>;
  /** Must exist before anything runs as the role, and until it has stopped. */
  readonly policies: readonly pulumi.Resource[];
}

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly pulumi.Input<string>[];
  readonly condition?: Condition;
}

export interface RoleArgs {
  readonly description: string;
  readonly trusts: { readonly service: string; readonly actions: readonly string[] };
  readonly statements: readonly Statement[];
  /** Arns of policies of AWS or of the account. */
  readonly managedPolicies?: readonly string[];
}

/** A role that one AWS service may assume, with named actions on named resources only. */
export function createRole(
  name: string,
  { description, trusts, statements, managedPolicies = [] }: RoleArgs,
  inside: pulumi.ResourceOptions,
): Role {
  const assumeRolePolicy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: trusts.service }, Action: trusts.actions }],
  });
  const role = new aws.iam.Role(name, { assumeRolePolicy, description }, inside);
  const attached = managedPolicies.map(
    (policyArn) =>
      new aws.iam.RolePolicyAttachment(attachmentName(name, policyArn), { role: role.name, policyArn }, inside),
  );
  if (statements.length === 0) return { arn: role.arn, policies: attached };
  const policy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources, condition }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(condition && { Condition: condition }),
    })),
  });
  const own = new aws.iam.RolePolicy(name, { role: role.id, policy }, inside);
  return { arn: role.arn, policies: [own, ...attached] };
}

/** The account is part of it: a policy of the account may have the name of one of AWS. */
function attachmentName(name: string, policyArn: string): string {
  const account = policyArn.split(":")[4];
  return `${name}-${account}-${policyArn.split("/").at(-1)}`;
}

/** Permissions to read the values of a spec's secrets. */
export function readSecrets(arns: readonly string[], managedActions: readonly string[]): Statement[] {
  const managed = arns.filter((arn) => arn.includes(":secretsmanager:")).flatMap(wholeSecret);
  const parameters = arns.filter((arn) => arn.includes(":ssm:"));
  return [
    ...(managed.length > 0 ? [{ actions: managedActions, resources: managed }] : []),
    ...(parameters.length > 0 ? [{ actions: ["ssm:GetParameters"], resources: parameters }] : []),
  ];
}

/**
 * ECS takes arn:...:secret:name-suffix:json-key:stage:version; permission is given for the secret. A name may be given without the hyphen and
 * six characters that Secrets Manager appends, and may itself end like them: such an arn is either the whole one or only its beginning.
 */
export function wholeSecret(arn: string): string[] {
  const secret = arn.split(":").slice(0, 7).join(":");
  const withSuffix = `${secret}-??????`;
  return /-[A-Za-z0-9]{6}$/.test(secret) ? [secret, withSuffix] : [withSuffix];
}
