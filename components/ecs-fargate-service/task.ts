import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { capabilitiesOf, isRoot, writableVolumes } from "../core/container";
import type { Image } from "../core/deployment";
import { livenessCheck, type ServiceSpec } from "../core/service-spec";
import { shortName } from "../core/short-name";
import { ownShare } from "../core/sidecar";
import { sidecarContainers, startsAfter } from "./sidecars";
import { mountPoints, taskVolumes } from "./volumes";

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
      volumes: [...mountsOf(spec).map(({ sourceVolume }) => ({ name: sourceVolume })), ...taskVolumes(spec.volumes)],
      ...(spec.ephemeralStorageGiB && { ephemeralStorage: { sizeInGib: spec.ephemeralStorageGiB } }),
      containerDefinitions: pulumi.jsonStringify([
        container(args),
        ...sidecarContainers(spec.sidecars, { logConfiguration: logs(args), environmentOf: pairs }),
        ...preparation(args),
      ]),
    },
    inside,
  );
}

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const mountsOf = (spec: ServiceSpec) =>
  writableVolumes(spec).map(({ name, path }) => ({ sourceVolume: name, containerPath: path, readOnly: false }));

function container(args: TaskArgs) {
  const { spec, image } = args;
  const dependsOn = [
    // Not SUCCESS: an image without chmod can declare its volumes itself, and must start all the same.
    ...preparation(args).map(({ name }) => ({ containerName: name, condition: "COMPLETE" })),
    ...startsAfter(spec.sidecars),
  ];
  return {
    name: containerName,
    image: image.reference,
    ...(image.credentials && { repositoryCredentials: { credentialsParameter: image.credentials.secretArn } }),
    essential: true,
    ...(spec.command && { entryPoint: spec.command }),
    ...(spec.args && { command: spec.args }),
    portMappings: [{ containerPort: spec.port, protocol: "tcp" }],
    environment: pairs(spec.environment),
    secrets: pairs(spec.secrets).map(({ name, value }) => ({ name, valueFrom: value })),
    ...(spec.user && { user: `${spec.user.uid}:${spec.user.gid}` }),
    // ECS Exec does not work on a read-only root.
    readonlyRootFilesystem: spec.readOnly && !spec.exec,
    mountPoints: [...mountsOf(spec), ...mountPoints(spec.volumes)],
    linuxParameters: {
      initProcessEnabled: true,
      ...(spec.exec ? {} : { capabilities: { drop: capabilitiesOf(spec).dropByName } }),
    },
    stopTimeout: spec.drain.stopSeconds,
    logConfiguration: logs(args),
    // ECS ignores the image's own HEALTHCHECK.
    ...(spec.healthCommand && {
      healthCheck: { command: ["CMD", ...spec.healthCommand], ...livenessCheck, startPeriod: startPeriod(spec) },
    }),
    ...shareOf(spec),
    ...(dependsOn.length > 0 && { dependsOn }),
  };
}

/** Alone it has the whole task. */
function shareOf(spec: ServiceSpec) {
  if (spec.sidecars.length === 0) return {};
  const { cpuUnits, memoryMiB } = ownShare(spec);
  return { cpu: cpuUnits, memory: memoryMiB };
}

/** The longest that ECS takes. Beyond it the service's grace period still covers the container's health. */
const startPeriod = ({ startSeconds }: ServiceSpec) => Math.min(startSeconds, 300);

const logs = ({ logGroup, region }: TaskArgs) => ({
  logDriver: "awslogs",
  options: {
    "awslogs-group": logGroup.name,
    "awslogs-region": region,
    "awslogs-stream-prefix": "inference",
    // A slow log service must not delay responses.
    mode: "non-blocking",
    "max-buffer-size": "4m",
  },
});

const preparationName = "writable-paths";

/**
 * A volume on Fargate belongs to root with mode 0755 unless the image declares it
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html): a container that ends before the other one starts opens it.
 */
function preparation(args: TaskArgs) {
  const { spec, image } = args;
  if (spec.declaresVolumes || isRoot(spec) || spec.writablePaths.length === 0) return [];
  return [
    {
      name: preparationName,
      image: image.reference,
      essential: false,
      user: "0",
      entryPoint: ["chmod", "1777"],
      command: spec.writablePaths,
      readonlyRootFilesystem: true,
      mountPoints: mountsOf(spec),
      linuxParameters: { capabilities: { drop: ["ALL"] } },
      logConfiguration: logs(args),
    },
  ];
}
