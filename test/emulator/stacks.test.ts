import assert from "node:assert/strict";
import type { Result } from "../engine/support/runner";
import { succeeds } from "../engine/support/succeeds";
import { contentsOf, kindsThatDiffer } from "./support/account";
import { destroyed } from "./support/destroyed";
import { ecsContainer, ecsService } from "./support/ecs";
import { describeOnEmulator } from "./support/suite";
import { TrafficProbe } from "./support/traffic-probe";
import { TrafficWatch } from "./support/traffic-watch";
import { failed, watchedUp } from "./support/watched-up";

const pinnedImage = `111122223333.dkr.ecr.us-east-1.amazonaws.com/classifier@sha256:${"a".repeat(64)}`;
/** The emulator lets no image of this name start. */
const brokenImage = `111122223333.dkr.ecr.us-east-1.amazonaws.com/broken@sha256:${"b".repeat(64)}`;

const all = (text: string | undefined, pattern: RegExp) => [...(text ?? "").matchAll(pattern)].map((match) => match[1]);

/** A load balancer takes a minute to create, so the stacks are deployed and destroyed in parallel. */
describeOnEmulator(
  "Four stacks in one account, on the emulator",
  (scene) => {
    const good = ["prod", "isolated", "existing"];
    let empty: Record<string, string>;
    let deployed: Map<string, Result>;

    const each = async (stacks: string[], run: (stack: string) => Promise<Result>) =>
      new Map(await Promise.all(stacks.map(async (stack) => [stack, await run(stack)] as const)));

    const eachSucceeds = async (stacks: string[], run: (stack: string) => Promise<Result>) => {
      for (const result of (await each(stacks, run)).values()) succeeds(result);
    };

    before(async () => {
      const { aws } = scene();
      empty = await contentsOf(aws);
      const subnets = all(empty["ec2 DescribeSubnets"], /<subnetId>([^<]+)/g);
      const [vpcId] = all(empty["ec2 DescribeSubnets"], /<vpcId>([^<]+)/g);
      const [callers] = all(empty["ec2 DescribeSecurityGroups"], /<groupId>([^<]+)/g);
      // Replicas must be in the zones of the load balancer; the default VPC has one subnet in each zone.
      const shared = subnets.slice(0, 2);
      const existing = { vpcId, publicSubnetIds: shared, privateSubnetIds: shared };
      // A shorter deregistration delay; the order of operations stays the same.
      scene().sandbox.edit(
        "components/core/service-spec.ts",
        "const usualDeregistration = 30",
        "const usualDeregistration = 2",
      );
      await scene().createStack("prod", "prod");
      await scene().createStack("isolated", "dev", { "inference:network": { nat: "none" } });
      await scene().createStack("existing", "dev", {
        "inference:network": existing,
        "inference:internalCallers": [callers],
      });
      await scene().createStack("broken", "dev", { "inference:network": existing, "inference:image": brokenImage });
      const watch = new TrafficWatch(new TrafficProbe(aws.client));
      deployed = await each([...good, "broken"], (stack) => scene().sandbox.up("--stack", stack));
      const { faults, polls } = await watch.stop();
      assert.deepEqual(faults, []);
      assert.ok(polls > 0, "no public rule was seen");
    });

    const assertNeverRan = (result: Result | undefined) => {
      assert.ok(result);
      assert.equal(result.code, failed, result.output);
      assert.match(result.output, /inference-ecs-[0-9a-f]{7} failed to deploy inference-ecs-broken:1/);
      assert.match(result.output, /deployment: ECS deployment circuit breaker: tasks failed to start/);
      assert.doesNotMatch(
        result.output,
        /ListenerRule inference-public creat/,
        "a deployment that never runs must get no traffic",
      );
    };

    for (const stack of good) {
      it(`stack ${stack} deploys`, () => {
        const result = deployed.get(stack);
        assert.ok(result);
        succeeds(result);
      });
    }

    it("a preview of each stack shows no change after the update", async () => {
      await eachSucceeds(good, (stack) =>
        scene().sandbox.pulumi("preview", "--expect-no-changes", "--diff", "--stack", stack),
      );
    });

    it("prod rolls to a pinned image and new bounds with a healthy target at every moment", async () => {
      const { sandbox, aws } = scene();
      sandbox.configure("prod", { "inference:image": pinnedImage, "inference:replicas": { min: 3, max: 20 } });
      const { watched, ...result } = await watchedUp(scene(), "--stack", "prod");
      succeeds(result);
      const ofProd = watched.served.filter((served) => served.startsWith("inference-ecs-prod:"));
      assert.deepEqual(ofProd, ["inference-ecs-prod:1", "inference-ecs-prod:2"]);
      assert.equal((await ecsContainer(scene(), "prod")).image, pinnedImage);
      const { serviceName } = await ecsService(scene(), "prod");
      const { ScalableTargets } = JSON.parse(
        (await contentsOf(aws))["application-autoscaling DescribeScalableTargets"] ?? "",
      );
      const bounds = (ScalableTargets as { ResourceId: string; MinCapacity: number; MaxCapacity: number }[])
        .filter(({ ResourceId }) => ResourceId.endsWith(`/${serviceName}`))
        .map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]);
      assert.deepEqual(bounds, [[3, 20]]);
      succeeds(await sandbox.pulumi("preview", "--expect-no-changes", "--diff", "--stack", "prod"));
    });

    it("prod gives a second variant its share once that has as many tasks as serve", async () => {
      const { sandbox } = scene();
      const onEcs = (weight: number) => ({ target: "ecs", weight });
      sandbox.configure("prod", {
        "inference:target": "variants",
        "inference:variants": { ecs: onEcs(70), next: onEcs(30) },
      });
      const { watched, ...result } = await watchedUp(scene(), "--stack", "prod");
      succeeds(result);
      const ofNext = [...watched.healthyAtFirst].filter(([group]) => group.startsWith("inference-next-"));
      assert.deepEqual(
        ofNext.map(([, healthy]) => healthy),
        [3],
      );
      assert.ok(watched.served.includes("inference-next-prod:1"), watched.served.join());
      assert.deepEqual(watched.weights, [30, 70, 100, 100], "of prod, isolated and existing");
      succeeds(await sandbox.pulumi("preview", "--expect-no-changes", "--diff", "--stack", "prod"));
    });

    it("stack existing registers a Cloud Map name for callers inside its network", async () => {
      const { "servicediscovery ListServices": names } = await contentsOf(scene().aws);
      assert.deepEqual(all(names, /"Name": ?"([^"]+)"/g), ["ecs"]);
    });

    it("prod has a NAT gateway in each zone; isolated has only VPC endpoints", async () => {
      const contents = await contentsOf(scene().aws);
      const nats = all(
        contents["ec2 DescribeNatGateways&Filter.1.Name=state&Filter.1.Value.1=available"],
        /<natGatewayId>([^<]+)/g,
      );
      assert.equal(nats.length, 3, "prod has three, isolated and existing none");
      const endpoints = all(
        contents["ec2 DescribeVpcEndpoints&Filter.1.Name=vpc-endpoint-state&Filter.1.Value.1=available"],
        /<vpcEndpointType>([^<]+)/g,
      );
      assert.equal(endpoints.filter((type) => type === "Gateway").length, 2, "S3, in the two new networks");
      assert.ok(endpoints.filter((type) => type === "Interface").length > 8, endpoints.join());
    });

    it("a first deployment that never runs fails with the reason of ECS and gets no traffic", () => {
      assertNeverRan(deployed.get("broken"));
    });

    it("a second update of that deployment fails with the same reason", async () => {
      assertNeverRan(await watchedUp(scene(), "--stack", "broken"));
    });

    it("destroy refuses the protected resources of prod and deletes nothing", async () => {
      const { sandbox, aws } = scene();
      const full = await contentsOf(aws);
      const { code, output } = await sandbox.pulumi("destroy", "--yes", "--stack", "prod");
      assert.equal(code, failed, output);
      assert.match(output, /cannot be deleted\s+because it is protected/);
      assert.deepEqual(kindsThatDiffer(full, await contentsOf(aws)), []);
    });

    it("destroying all stacks leaves the account as it was", async () => {
      const { aws, sandbox } = scene();
      const full = await contentsOf(aws);
      sandbox.configure("prod", { "inference:protect": false });
      succeeds(await watchedUp(scene(), "--stack", "prod"));
      await eachSucceeds([...good, "broken"], (stack) => destroyed(scene(), stack));
      assert.deepEqual(kindsThatDiffer(empty, await contentsOf(aws)), []);
      assert.ok(
        kindsThatDiffer(empty, full).length > 12,
        "the listings must differ while the stacks exist, or this test proves nothing",
      );
    });
  },
  { sharesProviders: false },
);
