import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceSpec } from "../service-spec";

export interface Role {
  readonly arn: pulumi.Output<string>;
  /** Tasks need these before they start, and until they have stopped. */
  readonly policies: readonly pulumi.Resource[];
}

interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly pulumi.Input<string>[];
}

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

function createRole(
  name: string,
  description: string,
  statements: readonly Statement[],
  inside: pulumi.ResourceOptions,
): Role {
  const role = new aws.iam.Role(name, { assumeRolePolicy: trust, description }, inside);
  if (statements.length === 0) return { arn: role.arn, policies: [] };
  const policy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources }) => ({ Effect: "Allow", Action: actions, Resource: resources })),
  });
  return { arn: role.arn, policies: [new aws.iam.RolePolicy(name, { role: role.id, policy }, inside)] };
}

export interface ExecutionRoleArgs {
  readonly spec: ServiceSpec;
  readonly image: { readonly repositoryArn?: pulumi.Input<string> };
  readonly logGroup: { readonly arn: pulumi.Input<string> };
}

/** What Fargate itself does for a task: pull its image, read its secrets, write its logs. */
export function createExecutionRole(
  name: string,
  { spec, image, logGroup }: ExecutionRoleArgs,
  inside: pulumi.ResourceOptions,
): Role {
  const secrets = Object.values(spec.secrets);
  const statements: Statement[] = [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [pulumi.interpolate`${logGroup.arn}:*`] },
  ];
  if (image.repositoryArn) {
    statements.push(
      {
        actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources: [image.repositoryArn],
      },
      // The one ECR action that AWS does not tie to a repository.
      { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    );
  }
  const managed = secrets.filter((arn) => arn.includes(":secretsmanager:")).map(wholeSecret);
  const parameters = secrets.filter((arn) => arn.includes(":ssm:"));
  if (managed.length > 0) statements.push({ actions: ["secretsmanager:GetSecretValue"], resources: managed });
  if (parameters.length > 0) statements.push({ actions: ["ssm:GetParameters"], resources: parameters });
  return createRole(`${name}-execution`, "Starts tasks: image, secrets, logs", statements, inside);
}

/** ECS takes arn:...:secret:name-suffix:json-key:stage:version; permission is given for the secret. */
const wholeSecret = (arn: string) => arn.split(":").slice(0, 7).join(":");

/** What the code in the container may do. */
export function createTaskRole(name: string, spec: ServiceSpec, inside: pulumi.ResourceOptions): Role {
  const shell: Statement = {
    actions: [
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    // These actions know no resources.
    resources: ["*"],
  };
  const statements = spec.exec ? [...spec.permissions, shell] : spec.permissions;
  return createRole(`${name}-task`, "What the inference container may do", statements, inside);
}
