import * as pulumi from "@pulumi/pulumi";
import type { Image } from "../core/deployment";
import { parseImage, repositoryArnOf } from "../core/image-reference";
import type { ServiceSpec } from "../core/service-spec";
import { mountPermissions } from "../core/volume";
import { createRole, type Role, readSecrets, type Statement } from "../iam/role";

const trusts = { service: "ecs-tasks.amazonaws.com", actions: ["sts:AssumeRole"] };

export interface ExecutionRoleArgs {
  readonly spec: ServiceSpec;
  readonly images: readonly Pick<Image, "repositoryArn" | "credentials">[];
  readonly logGroup: { readonly arn: pulumi.Input<string> };
}

/** Permissions that Fargate needs for a task: pull its image, read its secrets, write its logs. */
export function createExecutionRole(
  name: string,
  { spec, images, logGroup }: ExecutionRoleArgs,
  inside: pulumi.ResourceOptions,
): Role {
  const statements: Statement[] = [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [pulumi.interpolate`${logGroup.arn}:*`] },
  ];
  const ofSidecars = spec.sidecars.map(({ image }) => ({ repositoryArn: repositoryArnOf(parseImage(image)) }));
  const repositories = [...images, ...ofSidecars].flatMap(({ repositoryArn }) => repositoryArn ?? []);
  if (repositories.length > 0) {
    statements.push(
      {
        actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources: [...new Set(repositories)],
      },
      // This action supports no resource-level permissions.
      { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    );
  }
  const signIns = images.flatMap(({ credentials }) => (credentials ? [credentials.secretArn] : []));
  const read = [...Object.values(spec.secrets), ...new Set(signIns)];
  statements.push(...readSecrets(read, ["secretsmanager:GetSecretValue"]));
  return createRole(
    `${name}-execution`,
    { description: "Starts tasks: image, secrets, logs", trusts, statements },
    inside,
  );
}

interface TaskRoleArgs {
  readonly spec: ServiceSpec;
  readonly region: string;
}

/** Permissions of the code in the container. Fargate mounts file systems with them as well. */
export function createTaskRole(name: string, { spec, region }: TaskRoleArgs, inside: pulumi.ResourceOptions): Role {
  const shell: Statement = {
    actions: [
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    // These actions support no resource-level permissions.
    resources: ["*"],
  };
  const own = [...spec.permissions, ...mountPermissions(spec.volumes, region)];
  const statements = spec.exec ? [...own, shell] : own;
  const description = "What the inference container may do";
  return createRole(`${name}-task`, { description, trusts, statements, managedPolicies: spec.managedPolicies }, inside);
}
