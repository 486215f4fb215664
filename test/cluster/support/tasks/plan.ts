import type { CapacityProviderStrategyItem } from "@aws-sdk/client-ecs";

/** `waiting`: not running yet, or neither healthy nor unhealthy yet, or within the grace period. */
export type TaskHealth = "waiting" | "healthy" | "unhealthy";

export interface PlannedTask {
  readonly id: string;
  /** Of the deployment that the service goes to. */
  readonly isPrimary: boolean;
  readonly health: TaskHealth;
}

export interface Bounds {
  readonly desired: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
}

export interface Step {
  /** So many tasks of the primary deployment. */
  readonly start: number;
  readonly stop: readonly string[];
}

/**
 * What a service does next with its tasks that are not stopping. Rolling update:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 * Replacement of unhealthy tasks: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function nextStep(
  { desired, minimumHealthyPercent, maximumPercent }: Bounds,
  tasks: readonly PlannedTask[],
): Step {
  const most = Math.floor((desired * maximumPercent) / 100);
  const least = Math.ceil((desired * minimumHealthyPercent) / 100);
  const of = (isPrimary: boolean, ...healths: readonly TaskHealth[]) =>
    tasks.filter((task) => task.isPrimary === isPrimary && healths.includes(task.health)).map(({ id }) => id);

  const [good, sick] = [of(true, "healthy"), of(true, "unhealthy")];
  const usable = [...good, ...of(true, "waiting")];
  const missing = Math.max(0, desired - usable.length);
  const start = Math.min(missing, Math.max(0, most - tasks.length));
  const old = of(false, "healthy");
  const spare = Math.max(0, good.length + old.length - least);
  return {
    start,
    stop: [
      // Those that became healthy last stop first.
      ...usable.slice(desired),
      ...of(false, "waiting", "unhealthy"),
      ...old.slice(0, spare),
      ...replaced(sick, { isReplaced: good.length >= desired, hasRoom: missing === 0 || start > 0 }),
    ],
  };
}

/** The replacement comes first. Where the maximum leaves no room for it, one unhealthy task makes room. */
function replaced(sick: readonly string[], { isReplaced, hasRoom }: { isReplaced: boolean; hasRoom: boolean }) {
  if (isReplaced) return sick;
  return hasRoom ? [] : sick.slice(0, 1);
}

/** Failed tasks at which the circuit breaker ends a deployment: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
export const failureThreshold = (desired: number): number => Math.min(200, Math.max(3, Math.ceil(desired / 2)));

/** The provider of the next task: the base first, then by weight. */
export function nextProvider(strategy: readonly CapacityProviderStrategyItem[], taken: readonly string[]): string {
  const count = (name?: string) => taken.filter((one) => one === name).length;
  const below = strategy.find(({ capacityProvider, base = 0 }) => count(capacityProvider) < base);
  const beyond = ({ capacityProvider, base = 0, weight = 0 }: CapacityProviderStrategyItem) =>
    weight === 0 ? Number.POSITIVE_INFINITY : Math.max(0, count(capacityProvider) + 1 - base) / weight;
  const [least] = [...strategy].sort((a, b) => beyond(a) - beyond(b));
  return (below ?? least)?.capacityProvider ?? "FARGATE";
}
