import { awake, type Bounds } from "../core/schedule";
import type { KubeApi } from "./kube-api";

/** An autoscaler and the Deployment that it scales. */
export interface Scaled {
  readonly namespace: string;
  readonly deployment: string;
  readonly autoscaler: string;
  /** The declared bounds of this moment. */
  readonly bounds: () => Bounds;
}

/**
 * The live bounds of a variant. The jobs of a schedule set them too, outside of Pulumi's state. An autoscaler takes no minimum of 0, but leaves
 * a Deployment with 0 replicas alone (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation).
 */
export function liveBounds(
  { namespace, deployment, autoscaler, bounds }: Scaled,
  kube: KubeApi,
  report: (text: string) => unknown,
) {
  const set = async (live: Bounds, wanted: Bounds) => {
    if (live.min === wanted.min && live.max === wanted.max) return;
    await kube.setBounds(namespace, autoscaler, wanted);
    await report(`${autoscaler}: replicas were ${live.min} to ${live.max}, now ${wanted.min} to ${wanted.max}`);
  };
  const isAsleep = async () => (await kube.deployment(namespace, deployment)).spec.replicas === 0;
  const wake = async (replicas: number) => {
    if (!(await isAsleep())) return;
    await kube.setReplicas(namespace, deployment, replicas);
    await report(`${deployment}: had 0 replicas, now ${replicas}`);
  };
  return {
    /** Sets the bounds of now; in a window with 0 replicas it wakes one. */
    prove: async () => {
      const { min, max } = awake(bounds());
      const live = await kube.bounds(namespace, autoscaler);
      // A minimum that a killed update raised must be kept.
      await set(live, { min: Math.min(Math.max(live.min, min), max), max });
      await wake(min);
    },
    /** The autoscaler starts pods up to its minimum at its next sync, whatever the load. True while the minimum is above the declared one. */
    raise: async (replicas: number) => {
      const live = await kube.bounds(namespace, autoscaler);
      const { min } = awake(bounds());
      await wake(min);
      if (live.min >= replicas) return live.min > min;
      await kube.setBounds(namespace, autoscaler, { min: replicas, max: live.max });
      return true;
    },
    /** Sets the bounds of now, and lets a window with 0 replicas have none. */
    release: async () => {
      const now = bounds();
      if (now.max > 0) return set(await kube.bounds(namespace, autoscaler), now);
      if (await isAsleep()) return;
      await kube.setReplicas(namespace, deployment, 0);
      await report(`${deployment}: has 0 replicas until its window ends`);
    },
  };
}
