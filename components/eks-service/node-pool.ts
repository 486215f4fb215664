import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { amxFamilies, type NodeCpu } from "../core/node-cpu";
import { imageArchitecture, type ServiceSpec } from "../core/service-spec";
import { type CapacityMix, isMixed, partLabel, partsOf, spotTaint } from "./capacity";
import type { Cluster } from "./cluster";
import { graceSeconds } from "./pod";

export interface NodePoolArgs {
  readonly cluster: Cluster;
  readonly spec: Pick<ServiceSpec, "architecture" | "drain" | "startSeconds">;
  readonly mix: CapacityMix;
  readonly cpu: NodeCpu;
}

/** The general-purpose pool of Auto Mode is x86 and on-demand only; these pools follow the stack's settings. */
export function createNodePools(name: string, args: NodePoolArgs, inside: pulumi.ResourceOptions) {
  const { mix } = args;
  if (!isMixed(mix))
    return [createPool(`${name}-machines`, { ...args, isSpot: mix.onDemandParts === 0 }, inside)] as const;
  const { onDemand, spot } = partsOf(mix);
  return [
    createPool(`${name}-machines`, { ...args, isSpot: false, parts: onDemand }, inside),
    createPool(`${name}-machines-spot`, { ...args, isSpot: true, parts: spot }, inside),
  ] as const;
}

interface PoolArgs extends NodePoolArgs {
  /** On Spot, and on demand where Spot has none. */
  readonly isSpot: boolean;
  /** The parts of a mix that run in the pool. */
  readonly parts?: readonly string[];
}

const among = (key: string, values: readonly string[]) => ({ key, operator: "In", values });

const machinesWith = (cpu: NodeCpu) =>
  cpu === "amx"
    ? [among("eks.amazonaws.com/instance-family", amxFamilies)]
    : [
        among("eks.amazonaws.com/instance-category", ["c", "m", "r"]),
        { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
      ];

function createPool(
  name: string,
  { cluster, spec, cpu, isSpot, parts }: PoolArgs,
  inside: pulumi.ResourceOptions,
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      spec: {
        template: {
          spec: {
            nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
            requirements: [
              among("kubernetes.io/arch", [imageArchitecture[spec.architecture]]),
              among("karpenter.sh/capacity-type", isSpot ? ["spot", "on-demand"] : ["on-demand"]),
              ...machinesWith(cpu),
              ...(parts ? [among(partLabel, parts)] : []),
            ],
            ...(isSpot && {
              ...(parts && { taints: [spotTaint] }),
              // All pods of an interrupted node get SIGTERM at once, as tasks on Fargate Spot do. Otherwise Karpenter waits for the disruption
              // budget, and for pods that must not be disrupted, until EC2 has taken the node (karpenter, terminator.go).
              terminationGracePeriod: `${graceSeconds(spec)}s`,
            }),
          },
        },
        // Auto Mode replaces nodes every few weeks: few at a time, and within the pods' disruption budget.
        disruption: {
          consolidationPolicy: "WhenEmptyOrUnderutilized",
          // Counts from the last pod that was bound to the node, ready or not (karpenter, podevents/controller.go): a pod that pulls its image,
          // for a minute, and starts is not moved.
          consolidateAfter: `${60 + spec.startSeconds}s`,
          budgets: [{ nodes: "10%" }],
        },
      },
    },
    { ...inside, ...cluster.options, dependsOn: [...cluster.options.dependsOn] },
  );
}
