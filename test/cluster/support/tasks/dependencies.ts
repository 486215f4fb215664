import type { TaskContainer } from "./task-container";

/** Whether all that a container depends on is as its dependsOn says. Throws if it never will be. */
export function mayStart({ definition: { dependsOn = [] } }: TaskContainer, all: readonly TaskContainer[]): boolean {
  return dependsOn.every(({ containerName, condition }) => {
    const other = all.find(({ name }) => name === containerName);
    if (!other || other.status === "PENDING") return false;
    if (condition === "START") return true;
    if (condition === "HEALTHY") return other.health === "HEALTHY";
    const hasFailed = condition === "SUCCESS" && (other.exitCode ?? 0) !== 0;
    if (hasFailed)
      throw new Error(`${containerName} exited with ${other.exitCode}, and another container waits for its SUCCESS`);
    return other.status === "STOPPED";
  });
}

/** Containers that others depend on stop after these. */
export async function stopInTurn(all: readonly TaskContainer[]): Promise<void> {
  const stopped = new Map<TaskContainer, Promise<void>>();
  const stop = (container: TaskContainer): Promise<void> => {
    const dependents = all.filter(({ definition: { dependsOn = [] } }) =>
      dependsOn.some(({ containerName }) => containerName === container.name),
    );
    const done = stopped.get(container) ?? Promise.all(dependents.map(stop)).then(() => container.stop());
    stopped.set(container, done);
    return done;
  };
  await Promise.all(all.map(stop));
}
