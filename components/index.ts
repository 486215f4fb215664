/**
 * The components for a program of your own: examples/own-program uses them. This file loads all of them with their packages; import
 * from a component's folder to load only that one.
 */
export { awsConnection } from "./aws/connection";
export { ecrApi } from "./aws/ecr";
export { ecsApi } from "./aws/ecs";
export { loadBalancerApi } from "./aws/elb";
export type { Deployment, Image, Platform, ServiceArgs } from "./core/deployment";
export { type ReplicaSettings, type ServiceSpec, serviceSpec } from "./core/service-spec";
export type { Workload } from "./core/workload";
export { EcsFargateService, type EcsFargateServiceArgs } from "./ecs-fargate-service";
export { EksService, type EksServiceArgs } from "./eks-service";
export { Gateway, type GatewayArgs } from "./gateway";
export { Observability, type ObservabilityArgs, RouteAlarms, type RouteAlarmsArgs } from "./monitoring";
export { Network, type NetworkArgs } from "./network";
export { Registry, type RegistryArgs } from "./registry";
export { VariantRoute, type VariantRouteArgs } from "./route";
export { defaultValues } from "./settings";
export { startingReplicas, Traffic, type TrafficArgs } from "./traffic";
