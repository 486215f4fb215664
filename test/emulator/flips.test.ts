import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { publicPriority } from "../../components/core/rule-priority";
import { succeeds } from "../engine/support/succeeds";
import type { KubernetesClient } from "../fakes/kubernetes-client";
import { nameOf } from "../fakes/values";
import { assertParity, type Find, receivedOnEcs, receivedOnEks } from "../support/parity";
import { contentsOf, kindsThatDiffer } from "./support/account";
import { destroyed } from "./support/destroyed";
import { ecsService } from "./support/ecs";
import { type Autoscaler, type DeploymentWithPods, list, settled } from "./support/kubernetes-objects";
import { describeOnEmulator } from "./support/suite";
import { failed, type WatchedResult, watchedUp } from "./support/watched-up";

const image = (name: string) => `111122223333.dkr.ecr.us-east-1.amazonaws.com/${name}@sha256:${"a".repeat(64)}`;

/** What the state holds of a resource: its outputs are what the provider read after it wrote. */
interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface Selecting {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

/** Stands in every kubeconfig and nowhere else; the second only in the one that Pulumi itself signs in with. */
const ofKubeconfig = "current-context";
const ofSignIn = "AWS_SECRET_ACCESS_KEY";

describeOnEmulator(
  "A stack between ECS and EKS on AWS",
  (scene) => {
    let empty: Record<string, string>;
    let full: Record<string, string>;
    let deployed: WatchedResult;

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
    const flipTo = (target: string, keys: Record<string, unknown> = {}): Promise<WatchedResult> => {
      scene().sandbox.configure("dev", { "inference:target": target, ...keys });
      return watchedUp(scene());
    };
    /** As scaling does it, in its own name. */
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
    const publicRules = async () => {
      const { LoadBalancers = [] } = await elb().send(new DescribeLoadBalancersCommand({}));
      const { Listeners = [] } = await elb().send(
        new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn }),
      );
      const { Rules = [] } = await elb().send(new DescribeRulesCommand({ ListenerArn: Listeners[0]?.ListenerArn }));
      return Rules.filter(({ Priority }) => Priority === String(publicPriority("main")));
    };
    /** The provider sends groups in no certain order. */
    const sideOf = (arn = "") => /\/inference-(ecs|eks)-/.exec(arn)?.[1] ?? arn;
    const liveWeights = async () => {
      const actions = (await publicRules()).flatMap(({ Actions = [] }) => Actions);
      const groups = actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
      return Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [sideOf(TargetGroupArn), Weight]));
    };
    const minPods = async () => {
      const [autoscaler, ...others] = await list<Autoscaler>(kube(), "/apis/autoscaling/v2/horizontalpodautoscalers");
      assert.ok(autoscaler && others.length === 0);
      return autoscaler.spec.minReplicas;
    };
    /** Has the binding find the pods of this variant; pods of no variant are nobody's targets. */
    const select = async (variant: string) => {
      const services = await list<Selecting>(kube(), "/api/v1/services");
      const found = services.find(({ spec }) => spec.selector?.app === "inference");
      assert.ok(found);
      const path = `/api/v1/namespaces/${found.metadata.namespace}/services/${found.metadata.name}`;
      await settled(kube().send("PATCH", path, { spec: { selector: { variant } } }, "merge-patch+json"));
      return [path, found.spec.selector?.variant ?? ""] as const;
    };
    const changesNothing = async () =>
      succeeds(await scene().sandbox.pulumi("preview", "--expect-no-changes", "--diff"));
    const healthyAtFirst = ({ watched }: WatchedResult, side: string) =>
      [...watched.healthyAtFirst]
        .filter(([group]) => group.startsWith(`inference-${side}-`))
        .map(([, healthy]) => healthy);

    before(async () => {
      empty = await contentsOf(scene().aws);
      // The delay of the product is half a minute; the order of things is the same with a shorter one.
      scene().sandbox.edit("components/core/service-spec.ts", "deregistrationSeconds: 30", "deregistrationSeconds: 2");
      scene().sandbox.edit("components/eks-service/rollout.ts", "const holdSeconds = 120", "const holdSeconds = 2");
      scene().sandbox.edit(
        "components/traffic/judge.ts",
        "const shortPatienceSeconds = 60",
        "const shortPatienceSeconds = 2",
      );
      await scene().createStack("dev", "dev", {
        "inference:target": "both",
        "inference:replicas": { min: 2, max: 8 },
        "inference:environment": { GREETING: "hello" },
        "inference:modelUri": "s3://models/cats",
      });
    });

    it("previews both from nothing, and makes nothing", async () => {
      const { output } = await scene().sandbox.must("preview", "--suppress-progress");
      assert.match(output, /\+ \d{2,} to create/);
      assert.deepEqual(await deployments(), []);
      assert.deepEqual(kindsThatDiffer(empty, await contentsOf(scene().aws)), []);
    });

    it("deploys both from nothing: the first request finds both sides complete", async () => {
      deployed = succeeds(await watchedUp(scene()));
      full = await contentsOf(scene().aws);
      assert.deepEqual([healthyAtFirst(deployed, "ecs"), healthyAtFirst(deployed, "eks")], [[2], [2]]);
      assert.deepEqual(deployed.watched.weights, [50, 50]);
    });

    it("gives a container on EKS what it gives one on ECS, as AWS and the API server give it back", async () => {
      const { stdout } = await scene().sandbox.must("stack", "export");
      const { resources } = (JSON.parse(stdout) as { deployment: { resources: StateResource[] } }).deployment;
      const find: Find = (type, name) => {
        const [only, ...others] = resources.filter((one) => one.type === type && (!name || nameOf(one.urn) === name));
        assert.ok(only?.outputs && others.length === 0, `${type} ${name ?? ""}`);
        return only.outputs;
      };
      assertParity(receivedOnEcs(find), receivedOnEks(find));
    });

    it("keeps the kubeconfig out of everything printed, and the keys in it encrypted in the state", async () => {
      const { sandbox } = scene();
      const { output } = await sandbox.must("stack", "output");
      assert.match(output, /kubeconfig\s+\[secret\]/);
      for (const printed of [deployed.output, output]) assert.equal(printed.includes(ofKubeconfig), false, printed);
      assert.equal(sandbox.transcript.includes(ofSignIn), false);
      const files = readdirSync(sandbox.backend, { recursive: true, withFileTypes: true }).filter((file) =>
        file.isFile(),
      );
      assert.ok(files.length > 0);
      for (const { parentPath, name } of files) {
        assert.equal(readFileSync(join(parentPath, name), "utf8").includes(ofSignIn), false, name);
      }
      const { stdout } = await sandbox.must("stack", "export", "--show-secrets");
      for (const marker of [ofKubeconfig, ofSignIn]) {
        assert.ok(stdout.includes(marker), `the state holds ${marker}, or this test proves nothing`);
      }
    });

    it("previews no change afterwards", changesNothing);

    it("goes from both to ECS alone", async () => {
      const result = await flipTo("ecs", { "inference:image": image("classifier") });
      succeeds(result);
      assert.match(result.watched.servesAtLast.join(), /^inference-ecs-dev:\d+$/);
      assert.deepEqual(result.watched.weights, [100]);
      assert.deepEqual(await deployments(), []);
    });

    const assertPodsReasons = ({ code, output }: WatchedResult) => {
      assert.equal(code, failed, output);
      assert.match(output, /inference-eks-\w+ failed to roll out: The rollout has timed out progressing\./);
      assert.match(output, /\[ErrImagePull\] failed to pull and unpack image ".*\/broken@/);
      assert.doesNotMatch(output, /^\s+at \S/m, "a stack trace is nothing for a person's image");
    };

    it("stays on ECS, untouched, when the pods of a new EKS side never run, and says why", async () => {
      await scaleTasks(8);
      const before = await service();
      const result = await flipTo("eks", { "inference:image": image("broken") });
      assertPodsReasons(result);
      const { taskDefinition, desiredCount, runningCount } = await service();
      assert.deepEqual([taskDefinition, desiredCount, runningCount], [before.taskDefinition, 8, 8]);
      assert.deepEqual([result.watched.served.length, result.watched.weights], [1, [100]]);
      assert.deepEqual(healthyAtFirst(result, "eks"), []);
    });

    it("goes from ECS to EKS once as many pods are healthy as tasks served", async () => {
      const result = await flipTo("eks", { "inference:image": image("classifier") });
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "eks"), [8]);
      assert.match(result.watched.served.join(), /^inference-ecs-dev:\d+,pod of classifier$/);
      assert.deepEqual(result.watched.weights, [100]);
    });

    it("rolls to a new image on EKS, and leaves the number of pods to scaling", async () => {
      await scalePods(5);
      const result = await flipTo("eks", { "inference:image": image("classifier-mended") });
      succeeds(result);
      assert.deepEqual(result.watched.served, ["pod of classifier", "pod of classifier-mended"]);
      assert.equal((await deployment()).spec.replicas, 5);
    });

    const assertFailsTruthfully = (result: WatchedResult) => {
      assertPodsReasons(result);
      assert.deepEqual(result.watched.served, ["pod of classifier-mended"]);
    };

    it("fails with the pods' reason when the new image never runs on EKS, and leaves the old one serving", async () => {
      assertFailsTruthfully(await flipTo("eks", { "inference:image": image("broken") }));
    });

    it("fails with the same reason when the same is tried again", async () => {
      assertFailsTruthfully(await flipTo("eks"));
    });

    it("goes from EKS to ECS once as many tasks are healthy as pods served", async () => {
      const result = await flipTo("ecs", { "inference:image": image("classifier-mended") });
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "ecs"), [5]);
      assert.match(result.watched.served.join(), /^pod of classifier-mended,inference-ecs-dev:\d+$/);
      assert.deepEqual(await deployments(), []);
    });

    it("goes from ECS to both once as many pods are healthy as half of what the tasks served", async () => {
      await scaleTasks(6);
      const result = await flipTo("both");
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "eks"), [3]);
      assert.match(result.watched.served.join(), /^inference-ecs-dev:\d+,pod of classifier-mended$/);
      await changesNothing();
    });

    const weights = (ecs: number) => ({ "inference:weights": { ecs, eks: 100 - ecs } });

    it("leaves EKS by its weight when every pod there is out of reach, and warns", async () => {
      const [, binding] = await select("nobody");
      scene().sandbox.configure("dev", weights(100));
      const left = succeeds(await scene().sandbox.up());
      assert.match(left.output, /warning: eks has weight 0 and is not healthy:/);
      assert.deepEqual(await liveWeights(), { ecs: 100, eks: 0 });
      await select(binding);
    });

    it("raises pods that idle at the minimum before traffic comes to them, and gives the autoscaler its minimum back", async () => {
      await scalePods(2);
      const result = await flipTo("both", weights(0));
      succeeds(result);
      assert.equal((await deployment()).spec.replicas, 6, "as many as tasks served");
      assert.equal(await minPods(), 2);
      assert.deepEqual(await liveWeights(), { ecs: 0, eks: 100 });
      await changesNothing();
    });

    it("changes the minimum afterwards: the field is Pulumi's again", async () => {
      succeeds(await flipTo("both", { "inference:replicas": { min: 1, max: 8 } }));
      assert.equal(await minPods(), 1);
    });

    it("names weights that somebody set with the AWS CLI, and sets the declared ones", async () => {
      const [rule] = await publicRules();
      assert.ok(rule);
      const groups = rule.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
      const byHand = groups.map((group) => ({ ...group, Weight: sideOf(group.TargetGroupArn) === "ecs" ? 100 : 0 }));
      const Actions = [{ Type: "forward" as const, ForwardConfig: { TargetGroups: byHand } }];
      await elb().send(new ModifyRuleCommand({ RuleArn: rule.RuleArn, Actions }));
      const { output } = succeeds(await scene().sandbox.up("--expect-no-changes"));
      assert.match(
        output,
        /warning: The public rule has the weights (?:ecs 100, eks 0|eks 0, ecs 100); declared are ecs 0, eks 100\./,
      );
      assert.deepEqual(await liveWeights(), { ecs: 0, eks: 100 });
      await changesNothing();
    });

    it("goes from both to EKS alone", async () => {
      const result = await flipTo("eks");
      succeeds(result);
      assert.deepEqual(result.watched.servesAtLast, ["pod of classifier-mended"]);
      assert.deepEqual(result.watched.weights, [100]);
    });

    it("leaves an empty account and an empty cluster when destroyed", async () => {
      succeeds(await destroyed(scene(), "dev"));
      assert.deepEqual(kindsThatDiffer(empty, await contentsOf(scene().aws)), []);
      assert.ok(
        kindsThatDiffer(empty, full).length > 20,
        "with the stack the listings differed, or this proves nothing",
      );
      assert.deepEqual(await deployments(), []);
    });
  },
  { withKubernetes: true },
);
