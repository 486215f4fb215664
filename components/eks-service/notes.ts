import type { Capacity } from "../core/capacity";
import { widestBounds } from "../core/schedule";
import type { Values } from "../settings";
import type { Note } from "../targets/target";
import { type CapacityMix, capacityMix } from "./capacity";

/** https://docs.aws.amazon.com/eks/latest/userguide/create-auto.html names them without a date. */
const withoutAutoMode = ["ap-southeast-7", "mx-central-1"];

/** Whether EKS does what the settings say: no base, and the share of the weights. */
const isExact = ({ onDemandParts, parts }: CapacityMix, { onDemandBase, onDemandWeight, spotWeight }: Capacity) =>
  onDemandBase === 0 && onDemandParts * (onDemandWeight + spotWeight) === onDemandWeight * parts;

export function notes(values: Values, region: string): Note[] {
  const { eks, internalCallers, insights, internal, spot, gateway, volumes } = values;
  const ownsCluster = eks.cluster === undefined;
  const mix = capacityMix(spot, widestBounds(values.replicas, Object.values(values.schedule)));
  return [
    {
      applies: internalCallers.length > 0,
      text: "internalCallers: on EKS, namespaces with the label inference/caller: allowed may call the pods instead",
    },
    {
      applies: ownsCluster && spot.spotWeight > 0 && !isExact(mix, spot),
      text: `spot: on EKS ${mix.onDemandParts} of ${mix.parts} pods run on demand at any number of replicas, because Kubernetes keeps shares and no base`,
    },
    {
      applies: internal && gateway === undefined,
      text: "internal: on EKS every address of the private subnets may reach the pods, because the load balancer is one of them",
      warns: true,
    },
    {
      applies: gateway !== undefined,
      text: "gateway: on EKS every address of the load balancer's subnets may reach the pods",
      warns: true,
    },
    {
      applies: ownsCluster && withoutAutoMode.includes(region),
      text: `EKS Auto Mode was not offered in ${region} in the AWS documentation of 2026-11: check it before the first deployment`,
    },
    {
      applies: !ownsCluster,
      text: "the program does not change the existing cluster, so spot, insights and the keys of eks except cluster and rollback do not apply",
    },
    {
      applies: !ownsCluster,
      text: "egress: the existing cluster closes the other outgoing connections only if its network plugin enforces network policies",
      warns: true,
    },
    {
      applies: !ownsCluster && Object.keys(volumes).length > 0,
      text: "volumes: the existing cluster needs the EFS CSI driver, and the policy of the file system must allow mounts without IAM",
      warns: true,
    },
    {
      applies: ownsCluster && insights === "off",
      text: "insights is off: on EKS there are no alarms on CPU and memory, no charts of them, and npm run rightsize has no figures",
    },
  ];
}
