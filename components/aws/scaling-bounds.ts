import type { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Bounds } from "../core/schedule";
import { type AwsConnection, clientConfig, once } from "./connection";

/** Reads and sets the live bounds of a scalable target in Application Auto Scaling. */
export interface BoundsApi {
  bounds(resourceId: string): Promise<Bounds>;
  /** Moves the number of tasks inside the bounds at once (API reference, RegisterScalableTarget). */
  setBounds(resourceId: string, bounds: Bounds): Promise<void>;
}

const ofTasks = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" } as const;

/** Loads the SDK at the first call; a preview makes none. */
export function boundsApi(connection: AwsConnection): BoundsApi {
  const client = once(async () => {
    const { ApplicationAutoScalingClient } = await import("@aws-sdk/client-application-auto-scaling");
    return new ApplicationAutoScalingClient(await clientConfig(connection, "applicationautoscaling"));
  });
  return {
    bounds: async (resourceId) => readBounds(await client(), resourceId),
    setBounds: async (resourceId, { min, max }) => {
      const { RegisterScalableTargetCommand } = await import("@aws-sdk/client-application-auto-scaling");
      const bounds = { MinCapacity: min, MaxCapacity: max };
      await (await client()).send(new RegisterScalableTargetCommand({ ...ofTasks, ResourceId: resourceId, ...bounds }));
    },
  };
}

async function readBounds(client: ApplicationAutoScalingClient, resourceId: string): Promise<Bounds> {
  const { DescribeScalableTargetsCommand } = await import("@aws-sdk/client-application-auto-scaling");
  const { ScalableTargets = [] } = await client.send(
    new DescribeScalableTargetsCommand({ ...ofTasks, ResourceIds: [resourceId] }),
  );
  const [target] = ScalableTargets;
  if (!target) throw new Error(`Application Auto Scaling has no scalable target ${resourceId}`);
  return { min: target.MinCapacity ?? 0, max: target.MaxCapacity ?? 0 };
}

/**
 * Sets the live bounds to those of the current time. A scheduled action sets bounds that are not in Pulumi's state: when you remove
 * an open window, Pulumi sees no change of the scalable target, so the bounds of the window would remain until the next one.
 */
export async function enforceBounds(
  resourceId: string,
  wanted: Bounds,
  api: BoundsApi,
  report: (text: string) => unknown,
): Promise<void> {
  try {
    const live = await api.bounds(resourceId);
    if (live.min === wanted.min && live.max === wanted.max) return;
    await api.setBounds(resourceId, wanted);
    await report(`${resourceId}: replicas were ${live.min} to ${live.max}, now ${wanted.min} to ${wanted.max}`);
  } catch (error) {
    const bounds = `${wanted.min} to ${wanted.max}`;
    throw deploymentError(`Could not set the replicas of ${resourceId} to ${bounds}: ${reasonOf(error)}`);
  }
}
