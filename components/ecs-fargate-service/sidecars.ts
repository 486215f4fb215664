import type { Sidecar } from "../core/sidecar";

/** What the containers of a task have in common. */
interface Shared {
  readonly logConfiguration: object;
  readonly environmentOf: (values: Readonly<Record<string, string>>) => readonly object[];
}

/** Not essential: ECS starts it again when it ends, and the task goes on (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html). */
export const sidecarContainers = (sidecars: readonly Sidecar[], { logConfiguration, environmentOf }: Shared) =>
  sidecars.map(({ name, image, cpuUnits, memoryMiB, command, args, environment, user, readOnly }) => ({
    name,
    image,
    essential: false,
    restartPolicy: { enabled: true },
    cpu: cpuUnits,
    memory: memoryMiB,
    ...(command && { entryPoint: command }),
    ...(args && { command: args }),
    environment: environmentOf(environment),
    ...(user && { user: `${user.uid}:${user.gid}` }),
    readonlyRootFilesystem: readOnly,
    linuxParameters: { capabilities: { drop: ["ALL"] } },
    logConfiguration,
  }));

/** ECS stops containers in the reverse order of their start (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html). */
export const startsAfter = (sidecars: readonly Sidecar[]) =>
  sidecars.map(({ name }) => ({ containerName: name, condition: "START" }));
