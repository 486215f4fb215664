import {
  type ContainerDefinition,
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type Service,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeServices } from "../../emulator/support/ecs";
import { clientOf, type EmulatorEndpoint, sendRequest } from "../../emulator/support/endpoint";

const cluster = "tests";
const family = "tests";

/** A cluster and a target group behind a listener, made through the API. */
export class EcsAccount {
  private constructor(
    readonly ecs: ECSClient,
    readonly targetGroup: string,
    private readonly subnets: string[],
  ) {}

  static async open(emulator: EmulatorEndpoint, delaySeconds: number): Promise<EcsAccount> {
    const elb = new ElasticLoadBalancingV2Client(clientOf(emulator.urlOf("elbv2")));
    const subnets = await defaultSubnets(emulator);
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: "tests", Subnets: subnets.map(({ id }) => id) }),
    );
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        ...{ Name: "tests", Protocol: "HTTP", Port: 8080, TargetType: "ip", VpcId: subnets[0]?.vpc },
        ...{ HealthCheckPath: "/ready", HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 },
        ...{ HealthyThresholdCount: 2, UnhealthyThresholdCount: 2 },
      }),
    );
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
    const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: String(delaySeconds) }];
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    const DefaultActions = [{ Type: "forward" as const, TargetGroupArn }];
    const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
    await elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: "HTTP", Port: 80, DefaultActions }));
    const ecs = new ECSClient(clientOf(emulator.urlOf("ecs")));
    await ecs.send(new CreateClusterCommand({ clusterName: cluster, capacityProviders: ["FARGATE", "FARGATE_SPOT"] }));
    return new EcsAccount(
      ecs,
      TargetGroupArn,
      subnets.map(({ id }) => id),
    );
  }

  /** Returns the ARN of a new secret. */
  async secret(emulator: EmulatorEndpoint, name: string, value: string): Promise<string> {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.CreateSecret" };
    const body = JSON.stringify({ Name: name, SecretString: value });
    return (JSON.parse(await sendRequest(emulator, "secretsmanager", { headers, body })) as { ARN: string }).ARN;
  }

  async register(containerDefinitions: ContainerDefinition[], volumes: string[] = []): Promise<string> {
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        executionRoleArn: "arn:aws:iam::123456789012:role/tests",
        cpu: "256",
        memory: "512",
        volumes: volumes.map((name) => ({ name })),
        containerDefinitions,
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  async create(serviceName: string, taskDefinition: string, desiredCount: number, graceSeconds: number): Promise<void> {
    await this.ecs.send(
      new CreateServiceCommand({
        cluster,
        ...{ serviceName, taskDefinition, desiredCount },
        capacityProviderStrategy: [{ capacityProvider: "FARGATE", base: 1, weight: 1 }],
        networkConfiguration: { awsvpcConfiguration: { subnets: this.subnets, securityGroups: [] } },
        loadBalancers: [{ targetGroupArn: this.targetGroup, containerName: "inference", containerPort: 8080 }],
        deploymentConfiguration: {
          minimumHealthyPercent: 100,
          maximumPercent: 200,
          deploymentCircuitBreaker: { enable: true, rollback: true },
        },
        healthCheckGracePeriodSeconds: graceSeconds,
      }),
    );
  }

  async update(service: string, change: Omit<UpdateServiceCommandInput, "cluster" | "service">): Promise<void> {
    await this.ecs.send(new UpdateServiceCommand({ cluster, service, ...change }));
  }

  async delete(service: string): Promise<void> {
    await this.ecs.send(new DeleteServiceCommand({ cluster, service }));
  }

  async describe(name: string): Promise<Service> {
    const [found] = await describeServices(this.ecs, cluster, [name]);
    if (!found) throw new Error(`there is no service ${name}`);
    return found;
  }

  async tasks(serviceName: string, desiredStatus: "RUNNING" | "STOPPED") {
    const { taskArns: tasks = [] } = await this.ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus }));
    if (tasks.length === 0) return [];
    return (await this.ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? [];
  }
}

async function defaultSubnets(emulator: EmulatorEndpoint): Promise<{ id: string; vpc: string }[]> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = "Action=DescribeSubnets&Version=2016-11-15";
  const answer = await sendRequest(emulator, "ec2", { headers, body });
  const values = (name: string) =>
    [...answer.matchAll(new RegExp(`<${name}>([^<]+)</${name}>`, "g"))].map(([, value = ""]) => value);
  const vpcs = values("vpcId");
  return values("subnetId")
    .slice(0, 2)
    .map((id, index) => ({ id, vpc: vpcs[index] ?? "" }));
}
