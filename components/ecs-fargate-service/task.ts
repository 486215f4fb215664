import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Image } from "../core/deployment";
import { livenessCheck, livenessCommand, type ServiceSpec } from "../core/service-spec";
import { shortName } from "../core/short-name";

export interface TaskArgs {
  readonly spec: ServiceSpec;
  readonly image: Image;
  readonly region: string;
  readonly logGroup: { readonly name: pulumi.Input<string> };
  readonly executionRoleArn: pulumi.Input<string>;
  readonly taskRoleArn: pulumi.Input<string>;
}

/** RegisterTaskDefinition takes letters, digits, - and _ alone. */
const longestFamily = 255;

export const containerName = "inference";
const writableVolume = "writable";

export function createTaskDefinition(name: string, args: TaskArgs, inside: pulumi.ResourceOptions) {
  const { spec } = args;
  return new aws.ecs.TaskDefinition(
    name,
    {
      // Pulumi adds no random suffix to a family, so it contains the stack's name: two stacks can share an account.
      family: shortName(`${name}-${pulumi.getStack()}`, longestFamily, "identifier"),
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: String(spec.cpuUnits),
      memory: String(spec.memoryMiB),
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: spec.architecture.toUpperCase() },
      executionRoleArn: args.executionRoleArn,
      taskRoleArn: args.taskRoleArn,
      volumes: [{ name: writableVolume }],
      containerDefinitions: pulumi.jsonStringify([container(args)]),
    },
    inside,
  );
}

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function container({ spec, image, region, logGroup }: TaskArgs) {
  return {
    name: containerName,
    image: image.reference,
    essential: true,
    portMappings: [{ containerPort: spec.port, protocol: "tcp" }],
    environment: pairs(spec.environment),
    secrets: pairs(spec.secrets).map(({ name, value }) => ({ name, valueFrom: value })),
    user: `${spec.user.uid}:${spec.user.gid}`,
    // ECS Exec does not work on a read-only root.
    readonlyRootFilesystem: !spec.exec,
    mountPoints: [{ sourceVolume: writableVolume, containerPath: spec.writablePath, readOnly: false }],
    linuxParameters: {
      initProcessEnabled: true,
      ...(spec.exec ? {} : { capabilities: { drop: ["ALL"] } }),
    },
    stopTimeout: spec.drain.stopSeconds,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logGroup.name,
        "awslogs-region": region,
        "awslogs-stream-prefix": "inference",
        // A slow log service must not delay responses.
        mode: "non-blocking",
        "max-buffer-size": "4m",
      },
    },
    // ECS ignores the image's own HEALTHCHECK.
    ...(image.hasNode && { healthCheck: { command: livenessCommand(spec), ...livenessCheck } }),
  };
}
