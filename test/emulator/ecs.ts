import assert from "node:assert/strict";
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import type { Scene } from "./suite";

/** The service of a stack whose target is ecs, as ECS describes it. */
export async function ecsService({ lab, aws }: Scene, stack = "dev") {
  const { ecsClusterName, ecsServiceNames } = await lab.outputs("--stack", stack);
  const { ecs } = ecsServiceNames as { ecs: string };
  const { services = [] } = await new ECSClient(aws.client).send(
    new DescribeServicesCommand({ cluster: String(ecsClusterName), services: [ecs] }),
  );
  const [found] = services;
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
