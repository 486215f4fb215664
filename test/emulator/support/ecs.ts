import assert from "node:assert/strict";
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient, type Service } from "@aws-sdk/client-ecs";
import type { Scene } from "./suite";

/**
 * The emulator removes the tags from its own record while it answers a request without TAGS. The provider could then read none and
 * plan to set them again, so every request includes them.
 */
export const include = ["TAGS" as const];

export async function describeServices(ecs: ECSClient, cluster: string, names: string[]): Promise<Service[]> {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: names, include }));
  return services;
}

/** The service of a stack whose target is ecs, as ECS describes it. */
export async function ecsService({ sandbox, aws }: Scene, stack = "dev") {
  const { ecsClusterName, ecsServiceNames } = await sandbox.outputs("--stack", stack);
  const { ecs } = ecsServiceNames as { ecs: string };
  const [found] = await describeServices(new ECSClient(aws.client), String(ecsClusterName), [ecs]);
  assert.ok(found);
  return found;
}

/** The one container of that service's tasks. */
export async function ecsContainer(scene: Scene, stack?: string) {
  const { taskDefinition } = await ecsService(scene, stack);
  const client = new ECSClient(scene.aws.client);
  const described = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const [found] = described.taskDefinition?.containerDefinitions ?? [];
  assert.ok(found);
  return found;
}
