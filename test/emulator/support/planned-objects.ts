import type { PlannedResource } from "../../../tools/offline";
import type { KubernetesObject } from "../../fakes/kubernetes-client";
import type { PlanUnderTest } from "../../unit/support/plan-under-test";

/** Stands for the provider's autonaming: an object without a name gets the name of its resource. */
function named({ name, inputs }: PlannedResource): KubernetesObject {
  const { metadata, ...rest } = inputs as unknown as Omit<KubernetesObject, "metadata"> & {
    metadata: { name?: string };
  };
  return { ...rest, metadata: { name, ...metadata } };
}

/** The Kubernetes objects of a plan, in its order. */
export const objectsOf = ({ plan }: PlanUnderTest): KubernetesObject[] =>
  plan.resources.filter(({ type }) => type.startsWith("kubernetes:")).map(named);
