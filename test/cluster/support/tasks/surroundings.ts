import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { LoadBalancer } from "../load-balancer";
import type { ContainerEvent, EngineApi } from "./engine-api";

/** The load balancer, as far as tasks use it. */
export type Balancer = Pick<LoadBalancer, "register" | "deregister" | "healthOf">;

/** What tasks need from outside. */
export interface Surroundings {
  readonly engine: EngineApi;
  readonly networkImage: string;
  readonly balancer: Balancer;
  readonly versions: Map<string, string>;
  /** Of every container and volume, by which they are found again. */
  readonly labels: Readonly<Record<string, string>>;
  /** Passes the engine's events of a container on. */
  watch(containerId: string, onEvent: (event: ContainerEvent) => Promise<void>): void;
  /** Takes errors of work that nobody waits for. */
  failed(error: unknown): void;
  /** Values of the secrets of a container, by variable. */
  secretsOf(definition: ContainerDefinition): Promise<Readonly<Record<string, string>>>;
}
