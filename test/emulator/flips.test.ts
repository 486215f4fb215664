import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import type { KubernetesClient } from "../standins/kubernetes-client";
import { nameOf } from "../standins/values";
import { succeeds } from "../support/engine/succeeds";
import { assertParity, type Find, receivedOnEcs, receivedOnEks } from "../support/parity";
import { contentsOf, kindsThatDiffer } from "./account";
import { destroyed } from "./destroyed";
import { ecsService } from "./ecs";
import { type DeploymentWithPods, list, settled } from "./kubernetes-objects";
import { describeOnEmulator } from "./suite";
import { failed, type WatchedResult, watchedUp } from "./watched-up";

const image = (name: string) => `111122223333.dkr.ecr.us-east-1.amazonaws.com/${name}@sha256:${"a".repeat(64)}`;

/** What the state holds of a resource: its outputs are what the provider read after it wrote. */
interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
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
      scene().lab.configure("dev", { "inference:target": target, ...keys });
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
    const changesNothing = async () => succeeds(await scene().lab.pulumi("preview", "--expect-no-changes", "--diff"));
    const healthyAtFirst = ({ watched }: WatchedResult, side: string) =>
      [...watched.healthyAtFirst]
        .filter(([group]) => group.startsWith(`inference-${side}-`))
        .map(([, healthy]) => healthy);

    before(async () => {
      empty = await contentsOf(scene().aws);
      // The delay of the product is half a minute; the order of things is the same with a shorter one.
      scene().lab.edit("components/service-spec.ts", "deregistrationSeconds: 30", "deregistrationSeconds: 2");
      await scene().createStack("dev", "dev", {
        "inference:target": "both",
        "inference:replicas": { min: 2, max: 8 },
        "inference:environment": { GREETING: "hello" },
        "inference:modelUri": "s3://models/cats",
      });
    });

    it("previews both from nothing, and makes nothing", async () => {
      const { output } = await scene().lab.must("preview", "--suppress-progress");
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
      const { stdout } = await scene().lab.must("stack", "export");
      const { resources } = (JSON.parse(stdout) as { deployment: { resources: StateResource[] } }).deployment;
      const find: Find = (type, name) => {
        const [only, ...others] = resources.filter((one) => one.type === type && (!name || nameOf(one.urn) === name));
        assert.ok(only?.outputs && others.length === 0, `${type} ${name ?? ""}`);
        return only.outputs;
      };
      assertParity(receivedOnEcs(find), receivedOnEks(find));
    });

    it("keeps the kubeconfig out of everything printed, and the keys in it encrypted in the state", async () => {
      const { lab } = scene();
      const { output } = await lab.must("stack", "output");
      assert.match(output, /kubeconfig\s+\[secret\]/);
      for (const printed of [deployed.output, output]) assert.equal(printed.includes(ofKubeconfig), false, printed);
      assert.equal(lab.transcript.includes(ofSignIn), false);
      const files = readdirSync(lab.backend, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
      assert.ok(files.length > 0);
      for (const { parentPath, name } of files) {
        assert.equal(readFileSync(join(parentPath, name), "utf8").includes(ofSignIn), false, name);
      }
      const { stdout } = await lab.must("stack", "export", "--show-secrets");
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
      assert.match(output, /"inference-\w+\/inference-eks-\w+" failed to fully initialize or become live/);
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

    it("goes from ECS to both once as many pods are healthy as tasks served", async () => {
      await scaleTasks(4);
      const result = await flipTo("both");
      succeeds(result);
      assert.deepEqual(healthyAtFirst(result, "eks"), [4]);
      assert.match(result.watched.served.join(), /^inference-ecs-dev:\d+,pod of classifier-mended$/);
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
