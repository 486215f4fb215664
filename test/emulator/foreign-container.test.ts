import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import {
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { succeeds } from "../engine/support/succeeds";
import { exampleStackFile } from "../support/examples";
import { destroyed } from "./support/destroyed";
import { ecsContainer, ecsService } from "./support/ecs";
import { type DeploymentWithPods, list } from "./support/kubernetes-objects";
import { describeOnEmulator } from "./support/suite";
import { watchedUp } from "./support/watched-up";

const replicas = 2;

describeOnEmulator(
  "A flip of somebody else's container, on the emulator",
  (scene) => {
    before(async () => {
      const { sandbox } = scene();
      copyFileSync(exampleStackFile("fastapi-pytorch"), join(sandbox.project, "Pulumi.dev.yaml"));
      // A shorter deregistration delay; the order of operations stays the same.
      sandbox.edit(
        "components/core/service-spec.ts",
        "const usualDeregistration = 30",
        "const usualDeregistration = 2",
      );
      await scene().createStack("dev", "dev", { "inference:replicas": { min: replicas, max: 4 } });
      succeeds(await watchedUp(scene()));
    });

    const groups = async (): Promise<readonly TargetGroup[]> => {
      const client = new ElasticLoadBalancingV2Client(scene().aws.client);
      return (await client.send(new DescribeTargetGroupsCommand({}))).TargetGroups ?? [];
    };
    const portAndPath = async () => (await groups()).map(({ Port, HealthCheckPath }) => [Port, HealthCheckPath]);

    it("examples/fastapi-pytorch runs on ECS with its port, its path, its user and its variables", async () => {
      const { portMappings = [], user, environment = [], readonlyRootFilesystem } = await ecsContainer(scene());
      assert.deepEqual(
        portMappings.map(({ containerPort }) => containerPort),
        [8000],
      );
      assert.deepEqual([user, readonlyRootFilesystem], ["1000:1000", false]);
      assert.ok(environment.some(({ name, value }) => name === "PORT" && value === "8000"));
      assert.deepEqual(await portAndPath(), [[8000, "/healthz"]]);
      assert.equal((await ecsService(scene())).runningCount, replicas);
    });

    it("the flip to EKS keeps the image, the port, the path and the number of replicas", async () => {
      const { image } = await ecsContainer(scene());
      scene().sandbox.configure("dev", { "inference:target": "eks" });
      succeeds(await watchedUp(scene()));
      const { kube } = scene();
      assert.ok(kube);
      const [deployment, ...others] = await list<DeploymentWithPods>(kube, "/apis/apps/v1/deployments");
      assert.ok(deployment && others.length === 0);
      const [container] = deployment.spec.template.spec.containers;
      assert.equal(container?.image, image);
      assert.deepEqual(
        container?.ports.map(({ containerPort }) => containerPort),
        [8000],
      );
      assert.equal(deployment.spec.replicas, replicas);
      assert.deepEqual(await portAndPath(), [[8000, "/healthz"]]);
    });

    it("a second update after the flip changes nothing", async () => {
      succeeds(await scene().sandbox.pulumi("preview", "--expect-no-changes"));
    });

    it("destroy deletes its target group and its pods", async () => {
      succeeds(await destroyed(scene(), "dev"));
      assert.deepEqual(await portAndPath(), []);
    });
  },
  { withKubernetes: true },
);
