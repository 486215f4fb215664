import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCondition, list, type Pod } from "../emulator/support/kubernetes-objects";
import type { KubernetesObject } from "../fakes/kubernetes-client";
import { describeOnNode } from "./support/describe-on-node";
import { ElbStub } from "./support/elb-stub";
import { longCase } from "./support/long-case";
import { PodTargets } from "./support/pods";
import { gateOf } from "./support/pods/gates";
import { smallImage } from "./support/small-image";
import { autoscaler, binding, budget, deployment, namespace, restrictedNamespace, service } from "./support/workload";

const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const limitMs = 60_000;

interface ContainerStatuses {
  readonly containerStatuses?: readonly { readonly state: { readonly waiting?: { readonly reason: string } } }[];
}

describeOnNode("a Kubernetes node", (scene) => {
  let image = "";
  const versions = new Map<string, string>();
  let elb: ElbStub;
  let targets: PodTargets;

  const apply = async (object: KubernetesObject) => {
    const { status, body } = await scene().node.client.apply(object, "test", true);
    assert.ok(status < 300, body.message);
  };
  const pods = () => list<Pod>(scene().node.client, podsPath);
  const until = async <T>(what: string, found: () => Promise<T | undefined | false>, ms = limitMs): Promise<T> => {
    for (const endMs = Date.now() + ms; Date.now() < endMs; await sleep(100)) {
      const value = await found();
      if (value) return value;
    }
    throw new Error(`${what}: not within ${ms / 1000} s`);
  };
  const podsThat = (count: number, condition: string, ms = limitMs) => {
    const found = async () => {
      const having = (await pods()).filter(({ status }) => hasCondition(status, condition));
      return having.length === count && having;
    };
    return until(`${count} pods with ${condition}`, found, ms);
  };
  /** Ready and not about to end. */
  const staying = async () =>
    (await pods()).filter(
      ({ metadata, status }) => metadata.deletionTimestamp === undefined && hasCondition(status, "Ready"),
    ).length;
  const setHealth = (state: "healthy" | "initial") => {
    for (const ip of elb.targets.keys()) elb.targets.set(ip, state);
  };

  before(async () => {
    const { node, docker } = scene();
    image = await smallImage(docker, "small");
    await node.load(docker, image);
    elb = await ElbStub.start();
    targets = await PodTargets.start({ kube: node.client, elb: elb.client, versions });
    for (const object of [restrictedNamespace, service, binding(elb.group), budget]) await apply(object);
  });
  after(async () => {
    await targets?.stop();
    elb?.stop();
  });

  it("runs restricted pods, from an image named by its id in Docker", async () => {
    await apply(deployment("small", image, 2));
    for (const { metadata, status } of await podsThat(2, "ContainersReady")) {
      assert.equal(await (await fetch(`http://${status.podIP}:8080/`)).text(), metadata.name);
    }
  });

  it("registers pods whose containers are ready, with the name of their image", async () => {
    const addresses = (await pods()).map(({ status }) => status.podIP ?? "").sort();
    await until("two targets", async () => elb.targets.size === 2);
    assert.deepEqual([...elb.targets.keys()].sort(), addresses);
    assert.deepEqual(
      [...versions].sort(),
      addresses.map((ip) => [ip, "small"]),
    );
  });

  it("finds a pod ready only once its target is healthy", async () => {
    const gate = gateOf(binding(elb.group) as never);
    await sleep(2500);
    for (const pod of await pods()) {
      assert.deepEqual((pod.spec as { readinessGates?: unknown }).readinessGates, [{ conditionType: gate }]);
      assert.equal(hasCondition(pod.status, "Ready"), false);
    }
    setHealth("healthy");
    const startMs = Date.now();
    await podsThat(2, "Ready");
    // The upstream controller checks every 15 s.
    assert.ok(Date.now() - startMs < 10_000, `ready after ${Date.now() - startMs} ms`);
  });

  it("deregisters a pod as soon as it ends, and counts a new one only once its own target is healthy", async () => {
    const [first] = await pods();
    assert.ok(first?.status.podIP);
    const { node } = scene();
    await node.client.send("DELETE", `${podsPath}/${first.metadata.name}`);
    await until("a deregistered target", async () => !elb.targets.has(first.status.podIP ?? ""));
    const isEnding = (await pods()).some(({ metadata }) => metadata.uid === first.metadata.uid);
    assert.ok(isEnding, "the pod had ended before");
    await podsThat(2, "ContainersReady");
    await until("two targets", async () => elb.targets.size === 2);
    await sleep(2000);
    assert.equal(await staying(), 1);
    setHealth("healthy");
    await podsThat(2, "Ready");
  });

  it("finds a pod with two bindings ready: while a group is replaced there are two", async () => {
    await apply(binding(elb.group, "another"));
    // The pod that the test before deleted may still be ending.
    const first = (await pods()).find(({ metadata }) => metadata.deletionTimestamp === undefined);
    await scene().node.client.send("DELETE", `${podsPath}/${first?.metadata.name}`);
    const isReplaced = async () => !(await pods()).some(({ metadata }) => metadata.uid === first?.metadata.uid);
    await until("another pod", isReplaced);
    await until("two ready pods", async () => {
      setHealth("healthy");
      return (await staying()) === 2;
    });
    const gates = (await pods()).map(({ spec }) => (spec as { readinessGates?: object[] }).readinessGates?.length);
    assert.deepEqual(gates.sort(), [1, 2]);
  });

  it("drains within the disruption budget: one pod of two serves at any time", async () => {
    const before = (await pods()).map(({ metadata }) => metadata.uid);
    let isDrained = false;
    const drained = scene()
      .node.drain()
      .finally(() => {
        isDrained = true;
      });
    let fewest = 2;
    for (; !isDrained; await sleep(50)) {
      fewest = Math.min(fewest, await staying());
      setHealth("healthy");
    }
    await drained;
    assert.equal(fewest, 1);
    const after = (await pods()).map(({ metadata }) => metadata.uid);
    assert.deepEqual(
      before.filter((uid) => after.includes(uid)),
      [],
    );
  });

  it("cannot pull an image that was not loaded", async () => {
    const unknown = image.replace(/sha256:.*/, `sha256:${"0".repeat(64)}`);
    await apply(deployment("small", unknown, 2));
    const reason = await until("a waiting container", async () =>
      (await pods())
        .flatMap(({ status }) => (status as unknown as ContainerStatuses).containerStatuses ?? [])
        .map(({ state }) => state.waiting?.reason)
        .find((one) => one === "ErrImagePull" || one === "ImagePullBackOff"),
    );
    assert.match(reason, /ErrImagePull|ImagePullBackOff/);
    assert.equal(elb.targets.size, 2);
  });

  longCase("scales out while a pod computes, and in afterwards", async () => {
    await apply(deployment("small", image, 1));
    await apply(autoscaler);
    const [pod] = await podsThat(1, "ContainersReady");
    let isBusy = true;
    const computing = (async () => {
      while (isBusy) {
        // The autoscaler leaves out pods that are not ready.
        setHealth("healthy");
        await (await fetch(`http://${pod?.status.podIP}:8080/?ms=200`)).text();
      }
    })();
    try {
      await podsThat(2, "ContainersReady", 120_000);
    } finally {
      isBusy = false;
      await computing;
    }
    await podsThat(1, "ContainersReady", 120_000);
  });
});
