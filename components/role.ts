import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface Role {
  readonly arn: pulumi.Output<string>;
  /** What runs as the role needs these before it starts, and until it has stopped. */
  readonly policies: readonly pulumi.Resource[];
}

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly pulumi.Input<string>[];
}

export interface RoleArgs {
  readonly description: string;
  readonly trusts: { readonly service: string; readonly actions: readonly string[] };
  readonly statements: readonly Statement[];
}

/** A role that one AWS service may take, with named actions on named resources and nothing else. */
export function createRole(
  name: string,
  { description, trusts, statements }: RoleArgs,
  inside: pulumi.ResourceOptions,
): Role {
  const assumeRolePolicy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: trusts.service }, Action: trusts.actions }],
  });
  const role = new aws.iam.Role(name, { assumeRolePolicy, description }, inside);
  if (statements.length === 0) return { arn: role.arn, policies: [] };
  const policy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources }) => ({ Effect: "Allow", Action: actions, Resource: resources })),
  });
  return { arn: role.arn, policies: [new aws.iam.RolePolicy(name, { role: role.id, policy }, inside)] };
}
