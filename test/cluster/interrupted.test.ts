import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type DeploymentWithPods, list, settled } from "../emulator/support/kubernetes-objects";
import { succeeds } from "../engine/support/succeeds";
import { Cases } from "./support/cases";
import { longCase } from "./support/long-case";
import { describeOnCluster } from "./support/scene";
import { ClusterStack, to, weights } from "./support/stack";
import { until } from "./support/until";

const deploymentsPath = "/apis/apps/v1/deployments";

describeOnCluster("Interruptions and outages under load, on the cluster", (scene) => {
  const cases = new Cases(scene);
  const stack = new ClusterStack(scene);

  const startOnEcs = async () => {
    await stack.build("v1");
    await stack.start({ ...to("ecs"), ...stack.version("v1") });
  };

  const deployments = () => list<DeploymentWithPods>(scene().kube, deploymentsPath);
  const podsServe = async () => {
    const { balancer } = scene();
    const mark = balancer.answered.mark();
    await sleep(200);
    return balancer.answered.since(mark).some(({ target }) => target?.startsWith(podNetwork));
  };
  /** The addresses of pods begin with this. */
  let podNetwork = "";

  /** Kills `up` with all its processes once something is so, and unlocks the stack. */
  const killedWhen = async (what: string, isSo: () => Promise<boolean>) => {
    const { sandbox } = scene();
    const running = sandbox.start(["up", "--yes", "--skip-preview"]);
    let isOver = false;
    void running.result.then(() => {
      isOver = true;
    });
    try {
      await until(what, isSo);
      assert.equal(isOver, false, `the update had ended before this: ${what}`);
    } finally {
      running.killAll();
      await running.result;
    }
    await sandbox.must("cancel", "--yes", "dev");
  };

  longCase("a flip that is killed before and after traffic moves, and run again, loses no request", async function () {
    this.timeout(1_500_000);
    await startOnEcs();
    const { result, count } = await cases.lossless("ECS to EKS, killed twice and run again", async () => {
      scene().sandbox.configure("dev", to("eks"));
      await killedWhen("pods were declared", async () => (await deployments()).length > 0);
      podNetwork = await networkOfPods();
      await killedWhen("traffic has moved", podsServe);
      return stack.up();
    });
    succeeds(result);
    assert.deepEqual(Object.keys(count.answered).sort(), ["ecs v1", "eks v1"]);
  });

  /** "10.213.0." */
  async function networkOfPods(): Promise<string> {
    let ip: string | undefined;
    await until("a pod has an address", async () => {
      const pods = await list<{ status: { podIP?: string } }>(scene().kube, "/api/v1/pods");
      ip = pods.find(({ status }) => status.podIP)?.status.podIP;
      return ip !== undefined;
    });
    return String(ip).replace(/\d+$/, "");
  }

  longCase("weights that leave a platform without replicas lose no request once they have moved", async function () {
    this.timeout(1_500_000);
    await stack.build("v1");
    await stack.start({ ...to("both"), ...stack.version("v1") });
    const name = "both: EKS loses all pods, and the weights move away from it";
    const { result, count } = await cases.run(name, async () => {
      const [deployment] = await deployments();
      assert.ok(deployment);
      const { metadata } = deployment;
      const path = `/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${metadata.name}`;
      await settled(scene().kube.send("PATCH", path, { spec: { replicas: 0 } }, "merge-patch+json"));
      return stack.up(weights(100));
    });
    succeeds(result);
    assert.ok(Object.keys(count.failed).length > 0, "the loss of all pods was not felt");
    const { count: after } = await cases.lossless("both: EKS has weight 0", () => sleep(10_000));
    assert.deepEqual(Object.keys(after.answered), ["ecs v1"]);
  });
});
