import { type AwsConnection, clientConfig } from "../../components/aws/connection";
import type { EcsServices } from "../stack/deployed";
import type { ReplicaReader, Task } from "./replicas";

/** Reads from the AWS account of a stack. */
export async function replicaReader(
  connection: AwsConnection,
  ecs?: Omit<EcsServices, "logGroupName">,
): Promise<ReplicaReader> {
  const { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } = await import(
    "@aws-sdk/client-elastic-load-balancing-v2"
  );
  const client = new ElasticLoadBalancingV2Client(await clientConfig(connection, "elbv2"));
  return {
    async targets(TargetGroupArn) {
      const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
        id: Target?.Id ?? "",
        healthy: TargetHealth?.State === "healthy",
      }));
    },
    async tasks(variant) {
      const serviceName = ecs?.services[variant];
      return ecs && serviceName ? tasksOf(connection, ecs.cluster, serviceName) : new Map();
    },
  };
}

async function tasksOf(connection: AwsConnection, cluster: string, serviceName: string) {
  const { DescribeTasksCommand, ECSClient, ListTasksCommand } = await import("@aws-sdk/client-ecs");
  const client = new ECSClient(await clientConfig(connection, "ecs"));
  const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster, serviceName }));
  if (taskArns.length === 0) return new Map<string, Task>();
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return new Map(
    tasks.flatMap(({ taskArn = "", createdAt, containers = [] }) =>
      containers
        .flatMap(({ networkInterfaces = [] }) => networkInterfaces)
        .flatMap(({ privateIpv4Address: address }) =>
          address && createdAt ? [[address, { id: idOf(taskArn), madeAtMs: createdAt.getTime() }] as const] : [],
        ),
    ),
  );
}

/** arn:aws:ecs:us-east-1:123456789012:task/inference/0123456789abcdef -> 0123456789abcdef */
const idOf = (taskArn: string) => taskArn.split("/").pop() ?? taskArn;
