import assert from "node:assert/strict";
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient, type Service } from "@aws-sdk/client-ecs";
import type { Scene } from "./suite";

/**
 * The emulator keeps what an answer leaves out for all who ask: while somebody asks for services without their tags, the provider,
 * which asks for them, may get none and plan to set them again. So nobody asks without.
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
