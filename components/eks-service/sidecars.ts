import type { types } from "@pulumi/kubernetes";
import type { Sidecar } from "../core/sidecar";

/** Kubernetes replaces $(NAME) in a value by another variable's, and $$ by $; ECS does neither. */
export const literal = (value: string) => value.replaceAll("$", "$$$$");

export const cpuOf = (units: number) => `${(units * 1000) / 1024}m`;

/**
 * Init containers that go on running: the pod's own start before the container, end after it and are restarted alone
 * (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/). Further containers would end together with it.
 */
export const sidecarContainers = (sidecars: readonly Sidecar[]): types.input.core.v1.Container[] =>
  sidecars.map(({ name, image, cpuUnits, memoryMiB, command, args, environment, user, readOnly }) => {
    const size = { cpu: cpuOf(cpuUnits), memory: `${memoryMiB}Mi` };
    return {
      name,
      image,
      restartPolicy: "Always",
      ...(command && { command: command.map(literal) }),
      ...(args && { args: args.map(literal) }),
      env: Object.entries(environment)
        .map(([variable, value]) => ({ name: variable, value: literal(value) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      resources: { requests: size, limits: size },
      securityContext: {
        ...(user && { runAsNonRoot: user.uid !== 0, runAsUser: user.uid, runAsGroup: user.gid }),
        readOnlyRootFilesystem: readOnly,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
    };
  });
