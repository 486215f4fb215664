import { accessKeys, accessRules } from "./access";
import { authKeys, authRules } from "./auth";
import { callerKeys, callerRules } from "./callers";
import { containerKeys, containerRules } from "./container";
import { ecsKeys } from "./ecs";
import { edgeKeys, edgeRules } from "./edge";
import { eksKeys, eksRules } from "./eks";
import type { Entry } from "./entry";
import { environmentKeys, environmentRules } from "./environment";
import { gatewayKeys, gatewayRules } from "./gateway";
import { imageKeys, imageRules } from "./image";
import { modelKeys } from "./model-files";
import { monitoringKeys, monitoringRules } from "./monitoring";
import { networkKeys, networkRules } from "./network";
import { protectionKeys } from "./protection";
import { replicaKeys, replicaRules } from "./replicas";
import type { Rule } from "./rule";
import { scheduleKeys, scheduleRules } from "./schedule";
import type { ValueOf } from "./schema";
import { sidecarKeys, sidecarRules } from "./sidecars";
import { sizeKeys, sizeRules } from "./size";
import { variantKeys, variantRules } from "./variants";
import { volumeKeys, volumeRules } from "./volumes";

/** Every key, in the order of Pulumi.yaml. */
export const keys = {
  ...variantKeys,
  ...ecsKeys,
  ...eksKeys,
  ...imageKeys,
  ...containerKeys,
  ...environmentKeys,
  ...modelKeys,
  ...accessKeys,
  ...sizeKeys,
  ...sidecarKeys,
  ...volumeKeys,
  ...replicaKeys,
  ...scheduleKeys,
  ...networkKeys,
  ...gatewayKeys,
  ...callerKeys,
  ...edgeKeys,
  ...authKeys,
  ...monitoringKeys,
  ...protectionKeys,
};

type Keys = typeof keys;
export type Values = { readonly [K in keyof Keys]: ValueOf<Keys[K]["schema"]> };

/** The keys under the headings of docs/configuration.md. */
export const subjects: readonly { readonly title: string; readonly keys: Readonly<Record<string, Entry<unknown>>> }[] =
  [
    { title: "Where it runs", keys: variantKeys },
    { title: "ECS cluster", keys: ecsKeys },
    { title: "EKS cluster", keys: eksKeys },
    { title: "Container image", keys: imageKeys },
    { title: "Contract and environment of the container", keys: { ...containerKeys, ...environmentKeys } },
    { title: "Model", keys: modelKeys },
    { title: "Access to AWS and the network", keys: accessKeys },
    { title: "Size of a replica", keys: { ...sizeKeys, ...sidecarKeys } },
    { title: "File systems", keys: volumeKeys },
    { title: "Number of replicas", keys: { ...replicaKeys, ...scheduleKeys } },
    { title: "VPC, load balancer and callers", keys: { ...networkKeys, ...gatewayKeys, ...callerKeys } },
    { title: "HTTPS, firewall and access log", keys: edgeKeys },
    { title: "Authentication", keys: authKeys },
    { title: "Monitoring", keys: monitoringKeys },
    { title: "Deletion", keys: protectionKeys },
  ];

export const rules: readonly Rule[] = [
  ...variantRules,
  ...eksRules,
  ...imageRules,
  ...containerRules,
  ...accessRules,
  ...environmentRules,
  ...sizeRules,
  ...sidecarRules,
  ...volumeRules,
  ...replicaRules,
  ...scheduleRules,
  ...networkRules,
  ...gatewayRules,
  ...callerRules,
  ...edgeRules,
  ...authRules,
  ...monitoringRules,
];
