import type { ContainerDefinition, TaskDefinition } from "@aws-sdk/client-ecs";
import { region } from "../../../emulator/support/endpoint";
import type { LocalImage } from "./local-image";

/** Of one task, for all of its containers. */
export interface TaskSetting {
  readonly taskDefinition: TaskDefinition;
  /** The container whose network interface is the task's. */
  readonly networkId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Docker's name of a volume of the task. */
  volumeName(volume: string): string;
}

/** Fargate sets them, and clients of AWS read them. */
const variables = { AWS_REGION: region, AWS_DEFAULT_REGION: region, AWS_EXECUTION_ENV: "AWS_ECS_FARGATE" };

const mebibytes = 2 ** 20;
const nanoseconds = 1e9;

/** The body of Docker's request that creates a container of a task definition. */
export function containerBody(
  definition: ContainerDefinition,
  { taskDefinition, networkId, labels, volumeName }: TaskSetting,
  image: LocalImage,
  secrets: Readonly<Record<string, string>>,
): object {
  const { environment = [], linuxParameters, mountPoints = [] } = definition;
  const memory = (definition.memory ?? Number(taskDefinition.memory)) * mebibytes;
  const own = Object.fromEntries(environment.map(({ name = "", value = "" }) => [name, value]));
  return {
    Image: image.id,
    ...(definition.entryPoint?.length && { Entrypoint: definition.entryPoint }),
    ...(definition.command?.length && { Cmd: definition.command }),
    Env: Object.entries({ ...variables, ...own, ...secrets }).map(([name, value]) => `${name}=${value}`),
    ...(definition.user && { User: definition.user }),
    ...(definition.workingDirectory && { WorkingDir: definition.workingDirectory }),
    Labels: labels,
    Healthcheck: healthCheck(definition),
    HostConfig: {
      NetworkMode: `container:${networkId}`,
      Init: linuxParameters?.initProcessEnabled ?? false,
      ReadonlyRootfs: definition.readonlyRootFilesystem ?? false,
      CapDrop: linuxParameters?.capabilities?.drop ?? [],
      CapAdd: linuxParameters?.capabilities?.add ?? [],
      NanoCpus: (Number(taskDefinition.cpu) / 1024) * nanoseconds,
      ...(definition.cpu && { CpuShares: definition.cpu }),
      Memory: memory,
      MemorySwap: memory,
      ...(definition.memoryReservation && { MemoryReservation: definition.memoryReservation * mebibytes }),
      LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
      Mounts: mountPoints.map(({ sourceVolume = "", containerPath = "", readOnly = false }) => ({
        Type: "volume",
        Source: volumeName(sourceVolume),
        Target: containerPath,
        ReadOnly: readOnly,
        // Fargate fills a volume from the image only where the image declares it. Docker would do so in any case.
        VolumeOptions: { NoCopy: !image.volumes.includes(containerPath) },
      })),
    },
  };
}

/** ECS ignores the image's own. Defaults: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
function healthCheck({ healthCheck: check }: ContainerDefinition): object {
  if (!check) return { Test: ["NONE"] };
  const { command, interval = 30, timeout = 5, retries = 3, startPeriod = 0 } = check;
  return {
    Test: command,
    Interval: interval * nanoseconds,
    Timeout: timeout * nanoseconds,
    StartPeriod: startPeriod * nanoseconds,
    Retries: retries,
  };
}

/** The name of the repository, such as `dev-ecs` in 111122223333.dkr.ecr.us-east-1.amazonaws.com/dev-ecs@sha256:...: the version in tables. */
export const repositoryOf = (reference: string): string =>
  reference
    .replace(/@.*$/, "")
    .replace(/^[^/]*[.:][^/]*\//, "")
    .replace(/:[^/]*$/, "");
