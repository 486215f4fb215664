import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client, ModifyRuleCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { succeeds } from "../engine/support/succeeds";
import type { KubernetesClient } from "../fakes/kubernetes-client";
import { nameOf } from "../fakes/values";
import { receivedOnEcs } from "../support/parity/ecs";
import { receivedOnEks } from "../support/parity/eks";
import { assertParity, finder } from "../support/parity/received";
import { contentsOf, kindsThatDiffer } from "./support/account";
import { destroyed } from "./support/destroyed";
import { ecsService } from "./support/ecs";
import { type Autoscaler, type DeploymentWithPods, list, settled } from "./support/kubernetes-objects";
import { publicRules } from "./support/public-rules";
import { describeOnEmulator } from "./support/suite";
import { failed, type WatchedUpdate, watchedUp } from "./support/watched-up";

const image = (name: string) => `111122223333.dkr.ecr.us-east-1.amazonaws.com/${name}@sha256:${"a".repeat(64)}`;

/** A resource in the state. Its outputs are what the provider read back from AWS or the API server. */
interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface ServiceWithSelector {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

/** Occurs in every kubeconfig and nowhere else. */
const kubeconfigMarker = "current-context";
/** Occurs only in the kubeconfig that Pulumi itself signs in with. */
const credentialMarker = "AWS_SECRET_ACCESS_KEY";

const boundary = "arn:aws:iam::aws:policy/PowerUserAccess";

describeOnEmulator(
  "Flips between ECS and EKS, on the emulator",
  (scene) => {
    let empty: Record<string, string>;
    let full: Record<string, string>;
    let deployed: WatchedUpdate;

    const kube = (): KubernetesClient => {
      const { kube: client } = scene();
      assert.ok(client);
      return client;
    };
    const deployments = () => list<DeploymentWithPods>(kube(), "/apis/apps/v1/deployments");
    const deployment = async () => {
      const [found, ...others] = await deployments();
      assert.ok(found);
      assert.deepEqual(others, []);
      return found;
    };
    const flipTo = (target: string, keys: Record<string, unknown> = {}): Promise<WatchedUpdate> => {
      scene().sandbox.configure("dev", { "inference:target": target, ...keys });
      return watchedUp(scene());
    };
    /** Scales as the autoscaler does, with its own field manager. */
    const scalePods = async (replicas: number) => {
      const path = await kube().pathOf({ ...(await deployment()), apiVersion: "apps/v1", kind: "Deployment" });
      const scaled = kube().send("PATCH", `${path}?fieldManager=scaling`, { spec: { replicas } }, "merge-patch+json");
      await settled(scaled);
    };
    const service = () => ecsService(scene());
    const scaleTasks = async (desiredCount: number) => {
      const { clusterArn, serviceName } = await service();
      const client = new ECSClient(scene().aws.client);
      await client.send(new UpdateServiceCommand({ cluster: clusterArn, service: serviceName, desiredCount }));
    };
    const elb = () => new ElasticLoadBalancingV2Client(scene().aws.client);
    /** The provider sends target groups in no fixed order. */
    const sideOf = (arn = "") => /\/inference-(ecs|eks)-/.exec(arn)?.[1] ?? arn;
    const liveWeights = async () => {
      const actions = (await publicRules(elb())).flatMap(({ Actions = [] }) => Actions);
      const groups = actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
      return Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [sideOf(TargetGroupArn), Weight]));
    };
    const minPods = async () => {
      const [autoscaler, ...others] = await list<Autoscaler>(kube(), "/apis/autoscaling/v2/horizontalpodautoscalers");
      assert.ok(autoscaler && others.length === 0);
      return autoscaler.spec.minReplicas;
    };
    /** Changes the selector of the Service and returns the variant before. An unknown variant leaves the binding without targets. */
    const selectVariant = async (variant: string) => {
      const services = await list<ServiceWithSelector>(kube(), "/api/v1/services");
      const found = services.find(({ spec }) => spec.selector?.app === "inference");
      assert.ok(found);
      const path = `/api/v1/namespaces/${found.metadata.namespace}/services/${found.metadata.name}`;
      await settled(kube().send("PATCH", path, { spec: { selector: { variant } } }, "merge-patch+json"));
      return found.spec.selector?.variant ?? "";
    };
    const assertNoChange = async () =>
      succeeds(await scene().sandbox.pulumi("preview", "--expect-no-changes", "--diff"));
    const healthyAtFirst = ({ watched }: WatchedUpdate, side: string) =>
      [...watched.healthyAtFirst]
        .filter(([group]) => group.startsWith(`inference-${side}-`))
        .map(([, healthy]) => healthy);

    before(async () => {
      empty = await contentsOf(scene().aws);
      // Shorter delays; the order of operations stays the same.
      scene().sandbox.edit(
        "components/core/service-spec.ts",
        "const usualDeregistration = 30",
        "const usualDeregistration = 2",
      );
      scene().sandbox.edit("components/eks-service/rollout.ts", "const holdSeconds = 120", "const holdSeconds = 2");
      scene().sandbox.edit(
        "components/traffic/other-variants.ts",
        "const shortPatienceSeconds = 60",
        "const shortPatienceSeconds = 2",
      );
      await scene().createStack("dev", "dev", {
        "inference:target": "both",
        "inference:replicas": { min: 2, max: 8 },
        "inference:environment": { GREETING: "hello" },
        "inference:modelUri": "s3://models/cats",
        "inference:modelAccess": "list",
        "inference:permissions": [
          { actions: ["s3:PutObject"], resources: ["arn:aws:s3:::data/*"] },
          { policy: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" },
        ],
        "inference:permissionsBoundary": boundary,
        "inference:egress": {
          database: { cidr: "10.0.0.0/16", port: 5432, why: "features" },
          all: { cidr: "192.0.2.0/24", port: "all", protocol: "udp" },
        },
      });
    });

    it("a preview of both from nothing creates nothing", async () => {
      const { output } = await scene().sandbox.must("preview", "--suppress-progress");
      assert.match(output, /\+ \d{2,} to create/);
      assert.deepEqual(await deployments(), []);
      assert.deepEqual(kindsThatDiffer(empty, await contentsOf(scene().aws)), []);
    });

    it("a first update to both sends requests only once both sides have all replicas", async () => {
      deployed = succeeds(await watchedUp(scene()));
      full = await contentsOf(scene().aws);
      assert.deepEqual([healthyAtFirst(deployed, "ecs"), healthyAtFirst(deployed, "eks")], [[2], [2]]);
      assert.deepEqual(deployed.watched.weights, [50, 50]);
    });

    it("a container on EKS gets what one on ECS gets, as read back from AWS and the API server", async () => {
      const { stdout } = await scene().sandbox.must("stack", "export");
      const { resources } = (JSON.parse(stdout) as { deployment: { resources: StateResource[] } }).deployment;
      const find = finder((type) =>
        resources
          .filter((one) => one.type === type)
          .map(({ urn, outputs = {} }) => ({ name: nameOf(urn), inputs: outputs })),
      );
      assertParity(receivedOnEcs(find), receivedOnEks(find));
      const roles = find.all("aws:iam/role:Role").map(({ inputs }) => inputs.permissionsBoundary);
      assert.deepEqual(roles, new Array(6).fill(boundary));
    });

    it("the kubeconfig is never printed, and its credentials are encrypted in the state", async () => {
      const { sandbox } = scene();
      const { output } = await sandbox.must("stack", "output");
      assert.match(output, /kubeconfig\s+\[secret\]/);
      for (const printed of [deployed.output, output]) assert.equal(printed.includes(kubeconfigMarker), false, printed);
      assert.equal(sandbox.transcript.includes(credentialMarker), false);
      const files = readdirSync(sandbox.backend, { recursive: true, withFileTypes: true }).filter((file) =>
        file.isFile(),
      );
      assert.ok(files.length > 0);
      for (const { parentPath, name } of files) {
        assert.equal(readFileSync(join(parentPath, name), "utf8").includes(credentialMarker), false, name);
      }
      const { stdout } = await sandbox.must("stack", "export", "--show-secrets");
      for (const marker of [kubeconfigMarker, credentialMarker]) {
        assert.ok(stdout.includes(marker), `the decrypted state must contain ${marker}, or this test proves nothing`);
      }
    });

    it("a preview of both shows no change after the update", assertNoChange);

    it("a flip from both to ECS removes EKS", async () => {
      const result = await flipTo("ecs", { "inference:image": image("classifier") });
      succeeds(result);
      assert.match(result.watched.servedLast.join(), /^inference-ecs-dev:\d+$/);
      assert.deepEqual(result.watched.weights, [100]);
      assert.deepEqual(await deployments(), []);
    });

    const assertPodFailure = ({ code, output }: WatchedUpdate) => {
      assert.equal(code, failed, output);
      assert.match(output, /inference-eks-\w+ failed to roll out: The rollout has timed out progressing\./);
      assert.match(output, /\[ErrImagePull\] failed to pull and unpack image ".*\/broken@/);
      assert.doesNotMatch(output, /^\s+at \S/m, "an image that does not run is no reason for a stack trace");
    };

    it("a flip to EKS whose pods never run fails with the reason and leaves ECS unchanged", async () => {
      await scaleTasks(8);
      const before = await service();
      const result = await flipTo("eks", { "inference:image": image("broken") });
      assertPodFailure(result);
      const { taskDefinition, desiredCount, runningCount } = await service();
      assert.deepEqual([taskDefinition, desiredCount, runningCount], [before.taskDefinition, 8, 8]);
      assert.deepEqual([result.watched.served.length, result.watched.weights], [1, [100]]);
      assert.deepEqual(healthyAtFirst(result, "eks"), []);
    });

    it("a flip from ECS to EKS waits for as many healthy pods as tasks served", async () => {
      const result = await flipTo("eks", { "inference:image": image("classifier") });
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "eks"), [8]);
      assert.match(result.watched.served.join(), /^inference-ecs-dev:\d+,pod of classifier$/);
      assert.deepEqual(result.watched.weights, [100]);
    });

    it("a rollout on EKS keeps the number of pods that scaling set", async () => {
      await scalePods(5);
      const result = await flipTo("eks", { "inference:image": image("classifier-fixed") });
      succeeds(result);
      assert.deepEqual(result.watched.served, ["pod of classifier", "pod of classifier-fixed"]);
      assert.equal((await deployment()).spec.replicas, 5);
    });

    const assertRolledBack = async (result: WatchedUpdate) => {
      assertPodFailure(result);
      assert.match(
        result.output,
        /inference-eks-\w+ was rolled back: it runs inference-eks-\w+-\w+, not the declared version/,
      );
      assert.deepEqual(result.watched.served, ["pod of classifier-fixed"]);
      const { spec } = await deployment();
      const [{ image: runs, env = [] } = assert.fail()] = spec.template.spec.containers;
      assert.deepEqual([runs, spec.replicas], [image("classifier-fixed"), 5]);
      return JSON.stringify(env);
    };

    it("an image that never runs on EKS is rolled back with the pods' reason, and the old pods keep serving", async () => {
      const changed = { "inference:image": image("broken"), "inference:environment": { OTHER: "1" } };
      const env = await assertRolledBack(await flipTo("eks", changed));
      assert.match(env, /GREETING/);
      assert.doesNotMatch(env, /OTHER/);
    });

    it("a second update with the broken image on EKS fails with the same reason", async () => {
      const result = await flipTo("eks");
      await assertRolledBack(result);
      assert.match(result.output, /\d+ unchanged/);
    });

    it("pulumi up --refresh tries the broken image on EKS again", async () => {
      const result = await watchedUp(scene(), "--refresh");
      await assertRolledBack(result);
      assert.match(result.output, /kubernetes:apps\/v1:Deployment inference-eks-?\w* updated/);
    });

    it("a fixed version on EKS keeps nothing of the versions before it", async () => {
      succeeds(await flipTo("eks", { "inference:image": image("classifier-fixed") }));
      const { spec, metadata } = await deployment();
      const env = JSON.stringify(spec.template.spec.containers[0]?.env);
      assert.match(env, /OTHER/);
      assert.doesNotMatch(env, /GREETING/);
      assert.equal(spec.replicas, 5);
      assert.doesNotMatch(JSON.stringify(metadata.annotations), /rolled-back/);
      await assertNoChange();
    });

    it("a flip from EKS to ECS waits for as many healthy tasks as pods served", async () => {
      const result = await flipTo("ecs", { "inference:image": image("classifier-fixed") });
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "ecs"), [5]);
      assert.match(result.watched.served.join(), /^pod of classifier-fixed,inference-ecs-dev:\d+$/);
      assert.deepEqual(await deployments(), []);
    });

    it("a flip from ECS to both waits for half as many healthy pods as tasks served", async () => {
      await scaleTasks(6);
      const result = await flipTo("both");
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "eks"), [3]);
      assert.match(result.watched.served.join(), /^inference-ecs-dev:\d+,pod of classifier-fixed$/);
      await assertNoChange();
    });

    const weights = (ecs: number) => ({ "inference:weights": { ecs, eks: 100 - ecs } });

    it("weight 0 moves traffic away from EKS when none of its pods is reachable, with a warning", async () => {
      const variantBefore = await selectVariant("nobody");
      scene().sandbox.configure("dev", weights(100));
      const left = succeeds(await scene().sandbox.up());
      assert.match(left.output, /warning: eks has weight 0 and is not healthy:/);
      assert.deepEqual(await liveWeights(), { ecs: 100, eks: 0 });
      await selectVariant(variantBefore);
    });

    it("a variant that gains traffic is scaled out first, and the autoscaler gets its minimum back", async () => {
      await scalePods(2);
      const result = await flipTo("both", weights(0));
      succeeds(result);
      assert.equal((await deployment()).spec.replicas, 6, "as many as tasks served");
      assert.equal(await minPods(), 2);
      assert.deepEqual(await liveWeights(), { ecs: 0, eks: 100 });
      await assertNoChange();
    });

    it("Pulumi can change the autoscaler's minimum after the release raised it", async () => {
      succeeds(await flipTo("both", { "inference:replicas": { min: 1, max: 8 } }));
      assert.equal(await minPods(), 1);
    });

    it("an update reports weights that were set by hand, and restores the declared ones", async () => {
      const [rule] = await publicRules(elb());
      assert.ok(rule);
      const groups = rule.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
      const byHand = groups.map((group) => ({ ...group, Weight: sideOf(group.TargetGroupArn) === "ecs" ? 100 : 0 }));
      const Actions = [{ Type: "forward" as const, ForwardConfig: { TargetGroups: byHand } }];
      await elb().send(new ModifyRuleCommand({ RuleArn: rule.RuleArn, Actions }));
      const { output } = succeeds(await scene().sandbox.up("--expect-no-changes"));
      assert.match(
        output,
        /warning: The public rule has the weights (?:ecs 100, eks 0|eks 0, ecs 100), but the stack declares ecs 0, eks 100\./,
      );
      assert.deepEqual(await liveWeights(), { ecs: 0, eks: 100 });
      await assertNoChange();
    });

    it("a flip from both to EKS removes ECS", async () => {
      const result = await flipTo("eks");
      succeeds(result);
      assert.deepEqual(result.watched.servedLast, ["pod of classifier-fixed"]);
      assert.deepEqual(result.watched.weights, [100]);
    });

    it("destroy leaves an empty account and an empty cluster", async () => {
      succeeds(await destroyed(scene(), "dev"));
      assert.deepEqual(kindsThatDiffer(empty, await contentsOf(scene().aws)), []);
      assert.ok(
        kindsThatDiffer(empty, full).length > 20,
        "the listings must differ while the stack exists, or this test proves nothing",
      );
      assert.deepEqual(await deployments(), []);
    });
  },
  { withKubernetes: true },
);
