import assert from "node:assert/strict";
import type * as aws from "@pulumi/aws";
import type { EcsServiceState } from "../../../../components/aws/ecs";
import type { Rollout } from "../../../../components/core/rollout";
import { ecsService, unread } from "../../support/ecs-program";
import { declared, deployed } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const service = "aws:ecs/service:Service";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

/** The SDK keeps this to itself: what an output becomes, or why it does not. */
const promiseOf = (output: object) => (output as { promise(): Promise<unknown> }).promise();

const plan = (own: Readonly<Record<string, unknown>> = {}) => declared(() => void ecsService(own));

describe("EcsFargateService", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await plan({ replicas: { min: 2, max: 6 } });
  });

  it("is the parent of all its resources", () => {
    const parts = plain.plan.resources.filter(({ type }) => type.startsWith("aws:"));
    assert.equal(parts.length, 14);
    for (const part of parts) assert.equal(plain.parentOf(part), "inference:aws:EcsFargateService", part.name);
  });

  describe("the cluster", () => {
    it("has enhanced Container Insights, which count running tasks", () =>
      assert.deepEqual(plain.one("aws:ecs/cluster:Cluster").inputs.settings, [
        { name: "containerInsights", value: "enhanced" },
      ]));

    it("offers on-demand and Spot capacity", () =>
      assert.deepEqual(
        plain.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").inputs.capacityProviders,
        ["FARGATE", "FARGATE_SPOT"],
      ));
  });

  describe("an existing cluster", () => {
    const arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/models";
    const existing = (countsTasks: boolean) => ({ cluster: { name: "models", arn, countsTasks } });

    it("runs the service, and the program creates neither a cluster nor its capacity providers", async () => {
      const own = await declared(() => void ecsService({}, existing(true)));
      assert.deepEqual(own.all("aws:ecs/cluster:Cluster"), []);
      assert.deepEqual(own.all("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"), []);
      assert.equal(own.one(service).inputs.cluster, arn);
      const { resourceId } = own.one("aws:appautoscaling/target:Target").inputs;
      assert.equal(resourceId, "service/models/inference-ecs");
    });

    it("has a metric of the running tasks only if its own Container Insights publish it", async () => {
      const metrics: string[][] = [];
      for (const countsTasks of [true, false])
        await declared(() => {
          // The key insights, which is enhanced, does not decide.
          const [running] = ecsService({}, existing(countsTasks)).deployments;
          metrics.push(Object.keys(running?.utilization ?? {}));
        });
      const always = ["cpuPercent", "memoryPercent"];
      assert.deepEqual(metrics, [["replicas", ...always], always]);
    });
  });

  describe("the log group", () => {
    it("is named by Pulumi, and has the retention of logRetentionDays", async () => {
      const { inputs } = (await plan({ logRetentionDays: 14 })).one("aws:cloudwatch/logGroup:LogGroup");
      assert.deepEqual(inputs, { retentionInDays: 14 });
    });
  });

  describe("the service", () => {
    it("starts at the minimum and leaves the count to autoscaling", () => {
      const { inputs, options } = plain.one(service);
      assert.equal(inputs.desiredCount, 2);
      assert.deepEqual(options.ignoreChanges, ["desiredCount"]);
    });

    it("runs in the private subnets without a public address", () =>
      assert.deepEqual(plain.one(service).inputs.networkConfiguration, {
        subnets: ["subnet-a", "subnet-b"],
        securityGroups: ["inference-ecs-id"],
        assignPublicIp: false,
      }));

    it("receives requests on its port through its target group", () =>
      assert.deepEqual(plain.one(service).inputs.loadBalancers, [
        { targetGroupArn: "arn:of:the:group", containerName: "inference", containerPort: 8080 },
      ]));

    it("starts the new version beside the old one in every zone, and rolls back when it fails", () => {
      const { inputs } = plain.one(service);
      assert.deepEqual([inputs.deploymentMinimumHealthyPercent, inputs.deploymentMaximumPercent], [100, 200]);
      assert.deepEqual(inputs.deploymentCircuitBreaker, { enable: true, rollback: true });
      assert.equal(inputs.availabilityZoneRebalancing, "ENABLED");
      assert.equal(inputs.healthCheckGracePeriodSeconds, 120);
    });

    it("uses a rolling update, not the blue/green strategy of ECS", () => {
      const { inputs } = plain.one(service);
      assert.equal(inputs.deploymentConfiguration, undefined);
      assert.equal(inputs.deploymentController, undefined);
      assert.doesNotMatch(JSON.stringify(plain.plan), /blue.?green/i);
    });

    it("does not wait for a steady state: the rollout waits, and reports why it fails", () =>
      assert.equal(plain.one(service).inputs.waitForSteadyState, false));

    it("is deleted without a change of its count, which ECS may refuse once no rule uses its target group", () =>
      assert.equal(plain.one(service).inputs.forceDelete, true));

    it("waits at most ten minutes for AWS to create or to update it", () => {
      const { create, update } = plain.one(service).options.customTimeouts;
      assert.deepEqual([create, update], ["10m", "10m"]);
    });

    it("passes its tags on to its tasks", () => assert.equal(plain.one(service).inputs.propagateTags, "SERVICE"));

    it("is created after the policies, the capacity and the security group rules, and deleted before them", () => {
      const needed = [
        ...plain.all("aws:iam/rolePolicy:RolePolicy"),
        ...plain.all("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
        ...plain.all(ingress),
        ...plain.all(egress),
      ];
      assert.equal(needed.length, 5);
      for (const part of needed) assert.ok(plain.dependsOn(plain.one(service), part), part.name);
    });

    it("is created after the policies of the task role", async () => {
      const own = await plan({ modelUri: "s3://models/cats" });
      const policies = own.all("aws:iam/rolePolicy:RolePolicy");
      assert.equal(policies.length, 2);
      for (const policy of policies) assert.ok(own.dependsOn(own.one(service), policy), policy.name);
    });
  });

  describe("capacity", () => {
    const onDemand = (base: number, weight: number) => ({ capacityProvider: "FARGATE", base, weight });
    const spot = (weight: number) => ({ capacityProvider: "FARGATE_SPOT", weight });
    for (const [title, own, expected] of [
      ["is on-demand unless said otherwise", {}, [onDemand(0, 1)]],
      ["is Spot alone", { onDemandWeight: 0, spotWeight: 1 }, [spot(1)]],
      [
        "has a base that is on-demand below Spot",
        { onDemandBase: 2, onDemandWeight: 0, spotWeight: 1 },
        [onDemand(2, 0), spot(1)],
      ],
      ["is divided by weight", { onDemandBase: 1, onDemandWeight: 1, spotWeight: 3 }, [onDemand(1, 1), spot(3)]],
    ] as const) {
      it(title, async () =>
        assert.deepEqual((await plan({ spot: own })).one(service).inputs.capacityProviderStrategies, [...expected]),
      );
    }

    it("is not overridden by a launch type, which would ignore Spot", async () => {
      const { inputs } = (await plan({ spot: { onDemandWeight: 0, spotWeight: 1 } })).one(service);
      assert.equal("launchType" in inputs, false);
    });
  });

  describe("the security group", () => {
    it("allows only the load balancer, on the container's port", () => {
      assert.equal(plain.one(ingress).inputs.cidrIpv4, undefined);
      const { securityGroupId, referencedSecurityGroupId, fromPort, toPort, ipProtocol } = plain.one(ingress).inputs;
      assert.deepEqual(
        [securityGroupId, referencedSecurityGroupId, fromPort, toPort, ipProtocol],
        ["inference-ecs-id", "sg-gateway", 8080, 8080, "tcp"],
      );
    });

    it("allows the load balancer to call the tasks, on their port only", () => {
      const { securityGroupId, referencedSecurityGroupId, fromPort, toPort } = plain.one(
        egress,
        "inference-gateway-ecs",
      ).inputs;
      assert.deepEqual(
        [securityGroupId, referencedSecurityGroupId, fromPort, toPort],
        ["sg-gateway", "inference-ecs-id", 8080, 8080],
      );
    });

    it("has no inline rules, which would block the deletion of another target's group", () => {
      const { inputs } = plain.one("aws:ec2/securityGroup:SecurityGroup");
      assert.deepEqual([inputs.ingress, inputs.egress], [undefined, undefined]);
    });

    const outwards = (own: PlanUnderTest) =>
      own
        .all(egress)
        .filter(({ name }) => name !== "inference-gateway-ecs")
        .map(({ name, inputs: { securityGroupId, ...inputs } }) => {
          assert.equal(securityGroupId, "inference-ecs-id");
          return [name, inputs] as const;
        });
    const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "0.0.0.0/0" };
    const always = ["inference-ecs-https", { ...https, description: "Images, logs, secrets, models" }] as const;

    it("allows tasks to call out over HTTPS only, for images, logs, secrets and models", () =>
      assert.deepEqual(outwards(plain), [always]));

    it("allows tasks to call what egress names, before the service exists", async () => {
      const own = await plan({
        egress: {
          database: { cidr: "10.0.0.0/16", port: 5432, why: "Features" },
          all: { cidr: "2001:db8::/32", port: "all", protocol: "udp" },
        },
      });
      const database = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, cidrIpv4: "10.0.0.0/16" };
      const all = { ipProtocol: "udp", fromPort: 1, toPort: 65_535, cidrIpv6: "2001:db8::/32" };
      assert.deepEqual(
        new Map(outwards(own)),
        new Map([
          always,
          ["inference-ecs-to-database", { ...database, description: "Features" }],
          ["inference-ecs-to-all", { ...all, description: "all" }],
        ]),
      );
      assert.ok(own.dependsOn(own.one(service), own.one(egress, "inference-ecs-to-all")));
    });
  });

  describe("exec", () => {
    it("is off by default, without a warning", () => {
      assert.equal(plain.one(service).inputs.enableExecuteCommand, false);
      assert.deepEqual(plain.said("warning"), []);
    });

    it("warns of the writable root file system when it is on", async () => {
      const own = await plan({ exec: true });
      assert.equal(own.one(service).inputs.enableExecuteCommand, true);
      assert.deepEqual(own.said("warning"), [
        "exec is on: containers get a writable root file system, and a shell can be opened in them",
      ]);
    });
  });

  it("outputs the service as a dependency of the public rule, and a rollout that queries it in its cluster", async () => {
    const asked: string[] = [];
    const state: EcsServiceState = {
      taskDefinitionArn: "arn:aws:ecs:eu-west-1:123456789012:task-definition/inference-ecs-test:1",
      desiredCount: 1,
      runningCount: 1,
      rolloutState: "COMPLETED",
      events: [],
    };
    const api = {
      ...unread,
      bounds: async () => ({ min: 1, max: 4 }),
      service: async (cluster: string, name: string) => {
        asked.push(`${cluster}/${name}`);
        return state;
      },
    };
    let name: unknown;
    await deployed(async () => {
      const [running] = ecsService({}, { api }).deployments;
      assert.ok(running);
      await ((await promiseOf(running.rollout)) as Rollout).complete();
      name = await promiseOf((running.resource as aws.ecs.Service).name);
    });
    assert.deepEqual([asked, name], [["inference/inference-ecs"], "inference-ecs"]);
  });
});
