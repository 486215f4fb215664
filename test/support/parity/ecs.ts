import assert from "node:assert/strict";
import type { ContainerDefinition } from "../../unit/support/plan-under-test";
import {
  architectures,
  type Find,
  hiddenPaths,
  isFileSystem,
  onDisk,
  type Received,
  roleNamed,
  statementsOf,
  stickyOf,
  theImagesOwn,
  type Volume,
} from "./received";

/** On Fargate, a volume with only a name is on the task's ephemeral storage. */
const volumeOfTask = ({ name: _, ...volume }: Volume) => {
  const says = Object.values(volume).some((value) => Boolean(value));
  return says ? volume : onDisk;
};

/** Where a replica may connect to, as protocol, ports and block. */
function egressOfTask(find: Find): readonly string[] {
  const rules = find
    .all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    .filter(({ name }) => name.startsWith("inference-ecs-"))
    .map(({ inputs }) => inputs);
  return rules
    .map(({ ipProtocol, fromPort, toPort, cidrIpv4, cidrIpv6 }) =>
      [ipProtocol, `${fromPort}-${toPort}`, cidrIpv4 ? cidrIpv4 : cidrIpv6].join(" "),
    )
    .sort();
}

const ecsContainers = (find: Find): readonly ContainerDefinition[] =>
  JSON.parse(String(find("aws:ecs/taskDefinition:TaskDefinition").containerDefinitions));

export function ecsContainer(find: Find): ContainerDefinition {
  const [container, ...others] = ecsContainers(find);
  // A task ends with the container alone.
  assert.ok(container?.essential && others.every(({ essential }) => !essential));
  return container;
}

/** What opens the volumes ends before the container starts. */
export const ecsSidecars = (find: Find) => ecsContainers(find).filter(({ restartPolicy }) => restartPolicy?.enabled);

const sidecarOnEcs = (sidecar: ContainerDefinition, container: ContainerDefinition) => ({
  name: sidecar.name,
  image: sidecar.image,
  vcpu: Number(sidecar.cpu) / 1024,
  memoryMiB: sidecar.memory,
  command: sidecar.entryPoint ?? theImagesOwn,
  args: sidecar.command ?? theImagesOwn,
  environment: Object.fromEntries(sidecar.environment.map(({ name, value }) => [name, value])),
  user: sidecar.user ?? theImagesOwn,
  readOnlyRoot: sidecar.readonlyRootFilesystem,
  droppedCapabilities: sidecar.linuxParameters.capabilities?.drop,
  startsFirst: container.dependsOn?.some(
    ({ containerName, condition }) => containerName === sidecar.name && condition === "START",
  ),
});

export function receivedOnEcs(find: Find): Received {
  const container = ecsContainer(find);
  const task = find("aws:ecs/taskDefinition:TaskDefinition");
  const group = find("aws:lb/targetGroup:TargetGroup", "inference-ecs");
  const target = find("aws:appautoscaling/target:Target");
  const policy = find("aws:appautoscaling/policy:Policy");
  const tracking = policy.targetTrackingScalingPolicyConfiguration as Record<string, number>;
  const health = group.healthCheck as Record<string, unknown>;
  const liveness = container.healthCheck;
  const service = find("aws:ecs/service:Service");
  const { drop = [] } = container.linuxParameters.capabilities ?? {};
  const volumes = task.volumes as readonly { readonly name: string }[];
  return {
    image: container.image,
    command: container.entryPoint ?? theImagesOwn,
    args: container.command ?? theImagesOwn,
    imageCredentials: container.repositoryCredentials?.credentialsParameter ?? "none",
    environment: Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
    secrets: Object.fromEntries((container.secrets ?? []).map(({ name, valueFrom }) => [name, valueFrom])),
    ports: container.portMappings.map(({ containerPort }) => containerPort),
    architecture: architectures[(task.runtimePlatform as { cpuArchitecture: string }).cpuArchitecture],
    vcpu: Number(container.cpu ?? task.cpu) / 1024,
    memoryMiB: Number(container.memory ?? task.memory),
    sidecars: ecsSidecars(find).map((sidecar) => sidecarOnEcs(sidecar, container)),
    readiness: {
      path: health.path,
      everySeconds: health.interval,
      timeoutSeconds: health.timeout,
      failures: health.unhealthyThreshold,
    },
    liveness: liveness && {
      path: new RegExp(`http://127\\.0\\.0\\.1:${container.portMappings[0]?.containerPort}(/\\w*)`).exec(
        liveness.command.join(" "),
      )?.[1],
      everySeconds: liveness.interval,
      timeoutSeconds: liveness.timeout,
      failures: liveness.retries,
    },
    livenessAsks: liveness?.command[1],
    healthCommand: liveness?.command,
    stickySeconds: stickyOf(group),
    hiddenFromCallers: hiddenPaths(find),
    secondsToStart: service.healthCheckGracePeriodSeconds,
    storageGiB: (task.ephemeralStorage as { sizeInGib: number } | undefined)?.sizeInGib,
    user: container.user ?? theImagesOwn,
    readOnlyRoot: container.readonlyRootFilesystem,
    writable: container.mountPoints
      .filter(({ sourceVolume }) => !isFileSystem(sourceVolume))
      .map(({ containerPath, sourceVolume }) => ({
        path: containerPath,
        volume: volumes.filter(({ name }) => name === sourceVolume).map(volumeOfTask),
      })),
    fileSystems: fileSystemsOfTask(find),
    droppedCapabilities: container.linuxParameters.capabilities?.drop,
    listensOnLowPorts: drop.length > 0 && !drop.includes("ALL") && !drop.includes("NET_BIND_SERVICE"),
    initProcess: container.linuxParameters.initProcessEnabled,
    escalation: "unspecified",
    systemCalls: "unspecified",
    secondsToAnswerTheRest: Number(group.deregistrationDelay),
    secondsFromSigtermToKill: container.stopTimeout,
    permissions: statementsOf(find, "inference-task"),
    role: roleNamed(find, "inference-task"),
    egress: egressOfTask(find),
    platformEgress: "outside of the security group",
    replicas: { min: target.minCapacity, max: target.maxCapacity },
    cpuPercent: tracking.targetValue,
    cooldownSeconds: { out: tracking.scaleOutCooldown, in: tracking.scaleInCooldown },
  };
}

interface EfsVolume {
  readonly name: string;
  readonly efsVolumeConfiguration?: {
    readonly fileSystemId: string;
    readonly transitEncryption: string;
    readonly authorizationConfig: { readonly accessPointId?: string; readonly iam: string };
  };
}

function fileSystemsOfTask(find: Find) {
  const { mountPoints } = ecsContainer(find);
  const volumes = find("aws:ecs/taskDefinition:TaskDefinition").volumes as readonly EfsVolume[];
  return volumes.flatMap(({ name, efsVolumeConfiguration: efs }) =>
    mountPoints
      .filter(({ sourceVolume }) => efs && sourceVolume === name)
      .map(({ containerPath, readOnly }) => ({
        path: containerPath,
        fileSystem: efs?.fileSystemId,
        accessPoint: efs?.authorizationConfig.accessPointId,
        withIam: efs?.authorizationConfig.iam === "ENABLED",
        encrypted: efs?.transitEncryption === "ENABLED",
        readOnly,
      })),
  );
}
