import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { type AwsConnection, clientConfig } from "../../components/aws/connection";
import { ecsApi } from "../../components/aws/ecs";
import type { Polling } from "../../components/core/wait-until";
import { ecsRollout } from "../../components/ecs-fargate-service/rollout";
import { UserError } from "../cli/user-error";

/** Starts a deployment of the task definition that the service has, and waits for its end. */
export async function restartOnEcs(
  { cluster, service }: { readonly cluster: string; readonly service: string },
  connection: AwsConnection,
  polling: Polling,
): Promise<void> {
  const ecs = new ECSClient(await clientConfig(connection, "ecs"));
  const { service: started } = await ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
  const deploymentId = started?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
  if (started === undefined || deploymentId === undefined)
    throw new UserError(`ECS started no deployment of ${service} in cluster ${cluster}`);
  const declared = {
    clusterName: cluster,
    serviceName: service,
    taskDefinitionArn: started.taskDefinition ?? "",
    targetGroupArn: started.loadBalancers?.[0]?.targetGroupArn ?? "",
    deploymentId,
  };
  await ecsRollout(declared, async () => {}, ecsApi(connection), polling).complete();
}
