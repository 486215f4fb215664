import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Architecture, imageArchitecture } from "../core/service-spec";
import type { Cluster } from "./cluster";

export interface NodePoolArgs {
  readonly cluster: Cluster;
  readonly architecture: Architecture;
  readonly useSpot: boolean;
}

/** The general-purpose pool of Auto Mode is x86 and on-demand only; this pool follows the stack's settings. */
export function createNodePool(
  name: string,
  { cluster, architecture, useSpot }: NodePoolArgs,
  inside: pulumi.ResourceOptions,
) {
  const among = (key: string, values: readonly string[]) => ({ key, operator: "In", values });
  return new k8s.apiextensions.CustomResource(
    `${name}-machines`,
    {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      spec: {
        template: {
          spec: {
            nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
            requirements: [
              among("kubernetes.io/arch", [imageArchitecture[architecture]]),
              among("karpenter.sh/capacity-type", useSpot ? ["spot", "on-demand"] : ["on-demand"]),
              among("eks.amazonaws.com/instance-category", ["c", "m", "r"]),
              { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
            ],
          },
        },
        // Auto Mode replaces nodes every few weeks: few at a time, and within the pods' disruption budget.
        disruption: {
          consolidationPolicy: "WhenEmptyOrUnderutilized",
          consolidateAfter: "60s",
          budgets: [{ nodes: "10%" }],
        },
      },
    },
    { ...inside, ...cluster.options, dependsOn: [...cluster.options.dependsOn] },
  );
}
