import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import type { VariantAccess } from "../../components/traffic";
import { clientOf } from "../emulator/support/endpoint";
import { type Autoscaler, list, type Pod, readyPods, settled } from "../emulator/support/kubernetes-objects";
import { succeeds } from "../engine/support/succeeds";
import { Cases } from "./support/cases";
import type { Count } from "./support/counted-load";
import { longCase } from "./support/long-case";
import { describeOnCluster } from "./support/scene";
import { ClusterStack, to } from "./support/stack";
import { until } from "./support/until";

/** Of 50 a second, for the seconds that the loss of one of four targets takes to be seen on a busy machine. */
const mostLost = 60;

describeOnCluster("Replicas under load, on the cluster", (scene) => {
  const cases = new Cases(scene);
  const stack = new ClusterStack(scene);
  let cluster = "";
  let service = "";
  /** Of the tasks. */
  let group = "";
  let namespace = "";

  before(async function () {
    this.timeout(600_000);
    await stack.build("v1");
    await stack.start({ ...to("both"), ...stack.version("v1") });
    const { ecsClusterName, ecsServiceNames, eksNamespace, variants } = await scene().sandbox.outputs();
    const ofEcs = (variants as VariantAccess[]).find(({ target }) => target === "ecs");
    group = String(ofEcs?.targetGroupArn);
    cluster = String(ecsClusterName);
    service = (ecsServiceNames as { ecs: string }).ecs;
    namespace = String(eksNamespace);
  });

  const runningTasks = () =>
    scene()
      .tasks.running(service)
      .filter(({ state }) => state === "RUNNING");
  /** Nothing starts or stops any more. */
  const untilTasks = (count: number) =>
    until(`${count} tasks`, async () => {
      const targets = scene().balancer.healthOf(group);
      const isHealthy = (ip?: string) => targets.some((one) => one.ip === ip && one.state === "healthy");
      const all = scene().tasks.running(service);
      return all.length === count && all.every(({ ip }) => isHealthy(ip));
    });
  const pods = () => list<Pod>(scene().kube, `/api/v1/namespaces/${namespace}/pods`);
  const untilPods = (count: number) =>
    until(`${count} pods`, async () => {
      const all = await pods();
      return all.length === count && readyPods(all).length === count;
    });
  const scaleTasks = async (desiredCount: number) => {
    const ecs = new ECSClient(clientOf(scene().aws.urlOf("ecs")));
    await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
    await untilTasks(desiredCount);
  };
  /** The autoscaler itself starts and removes the pods. */
  const scalePods = async (minReplicas: number) => {
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
    const [autoscaler] = await list<Autoscaler>(scene().kube, path);
    assert.ok(autoscaler);
    const changed = { spec: { minReplicas } };
    await settled(scene().kube.send("PATCH", `${path}/${autoscaler.metadata.name}`, changed, "merge-patch+json"));
    await untilPods(minReplicas);
  };
  /** What a crash costs on AWS too: requests under way, and those sent before its target is deregistered. */
  const lostByCrash = ({ failed, slow }: Count, ...others: string[]) => {
    const outcomes = [...Object.keys(failed), ...slow.failed];
    assert.deepEqual(
      outcomes.filter((outcome) => !["502", ...others].includes(outcome)),
      [],
    );
    const lost = Object.values(failed).reduce((sum, count) => sum + count, 0) + slow.failed.length;
    assert.ok(lost <= mostLost, `${lost} requests failed`);
  };

  it("more tasks and fewer tasks lose no request", () =>
    cases.lossless("ECS: 2, 4 and 2 tasks", async () => {
      await scaleTasks(4);
      await scaleTasks(2);
    }));

  it("more pods and fewer pods lose no request", () =>
    cases.lossless("EKS: 2, 4 and 2 pods by the autoscaler", async () => {
      await scalePods(4);
      await scalePods(2);
    }));

  it("a drain of a node loses no request", () =>
    cases.lossless("EKS: a node is drained", async () => {
      await scene().node.drain();
      await untilPods(2);
    }));

  it("an interruption of a Spot task loses no request", () =>
    cases.lossless("ECS: a Spot task is interrupted, deregistered 5 s later", async () => {
      const [task] = runningTasks();
      assert.ok(task);
      await scene().tasks.interrupt(task.arn, 5);
      await untilTasks(2);
    }));

  it("a task that crashes is replaced, and only 502 is lost", async () => {
    const { count } = await cases.run("ECS: a task is killed", async () => {
      const [task] = runningTasks();
      assert.ok(task);
      await scene().tasks.kill(task.arn);
      await untilTasks(2);
    });
    lostByCrash(count);
    await cases.lossless("ECS: after the killed task was replaced", () => sleep(5_000));
  });

  it("a pod that crashes starts again, and only what reaches it meanwhile is lost", async () => {
    const mark = scene().balancer.answered.mark();
    const { count } = await cases.run("EKS: a pod is killed", async () => {
      const [pod] = await pods();
      const [container] = pod?.status.containerStatuses ?? [];
      assert.ok(pod && container);
      await scene().node.killContainer(container.containerID);
      await until("the container has started again", async () => {
        const now = (await pods()).find(({ metadata }) => metadata.uid === pod.metadata.uid);
        return now?.status.containerStatuses?.[0]?.restartCount === container.restartCount + 1;
      });
      await untilPods(2);
    });
    // The container starts again at the same address. While that is registered, it answers before its model is loaded.
    lostByCrash(count, "503");
    const refused = scene()
      .balancer.answered.since(mark)
      .filter(({ status }) => status === 503);
    assert.deepEqual(
      refused.filter(({ said = "" }) => !said.includes("not_ready")),
      [],
    );
    await cases.lossless("EKS: after the killed pod has started again", () => sleep(5_000));
  });

  longCase("a change of spot replaces the tasks without losing a request", async () => {
    const { result } = await cases.lossless("ECS: spot changes", () =>
      stack.up({ "inference:spot": { onDemandBase: 2, onDemandWeight: 1, spotWeight: 0 } }),
    );
    succeeds(result);
  });
});
