import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { list, type Pod } from "../emulator/support/kubernetes-objects";
import { objectsOf } from "../emulator/support/planned-objects";
import type { KubernetesObject } from "../fakes/kubernetes-client";
import { eksService } from "../unit/support/eks-program";
import { declared } from "../unit/support/mock-cloud";
import { describeOnNode } from "./support/describe-on-node";
import { nodeObject } from "./support/node-object";

const namespace = "spread";
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const limitMs = 30_000;

interface DeploymentObject extends KubernetesObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly metadata: { readonly annotations?: object }; readonly spec: object };
  };
}

/** The Deployment of a stack, where the account and the volumes of its pods do not matter. */
async function deploymentOf(own: object, replicas: number, version: string): Promise<DeploymentObject> {
  const plan = await declared(() => void eksService({ replicas: { min: 3, max: 12 }, ...own }));
  const found = objectsOf(plan).find(({ kind }) => kind === "Deployment") as DeploymentObject;
  const { template } = found.spec;
  return {
    ...found,
    metadata: { name: "inference", namespace },
    spec: {
      ...found.spec,
      replicas,
      template: {
        metadata: { ...template.metadata, annotations: { version } },
        spec: { ...template.spec, serviceAccountName: "default" },
      },
    },
  };
}

/** A third of the pods on demand. */
const spot = { spot: { onDemandBase: 1, onDemandWeight: 0, spotWeight: 1 } };

describeOnNode("The scheduler of Kubernetes, with a mix of on-demand and Spot", (scene) => {
  const apply = async (object: KubernetesObject) => {
    const { status, body } = await scene().node.client.apply(object, "test", true);
    assert.ok(status < 300, body.message);
  };
  const addNode = (name: string, part?: string) => nodeObject(scene().node.client, name, part);
  const pods = () => list<Pod>(scene().node.client, podsPath);
  /** How many pods of a version each node has, or each kind of node. */
  const placed = async (version: string, nameOf = (node: string) => node) => {
    const own = (await pods()).filter(({ metadata }) => metadata.annotations?.version === version);
    const nodes = own.flatMap(({ spec }) => (spec.nodeName === undefined ? [] : nameOf(spec.nodeName)));
    const counts = new Map(nodes.map((name) => [name, nodes.filter((other) => other === name).length]));
    return { counts: Object.fromEntries([...counts].sort()), pending: own.length - nodes.length };
  };
  const reaches = async (
    version: string,
    counts: Readonly<Record<string, number>>,
    pending = 0,
    nameOf?: (node: string) => string,
  ) => {
    let last: unknown;
    for (const endMs = Date.now() + limitMs; Date.now() < endMs; await sleep(200)) {
      const now = await placed(version, nameOf);
      last = now;
      if (now.pending === pending && JSON.stringify(now.counts) === JSON.stringify(counts)) return;
    }
    assert.deepEqual(last, { counts, pending });
  };

  before(() => apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }));

  it("fills no node with the pods of parts that have none yet", async () => {
    await addNode("on-demand", "on-demand-1");
    await apply(await deploymentOf(spot, 3, "a"));
    await reaches("a", { "on-demand": 1 }, 2);
    // Longer than the scheduler takes for a pod.
    await sleep(2_000);
    await reaches("a", { "on-demand": 1 }, 2);
  });

  it("puts one pod on each part, once all of them have a node", async () => {
    await addNode("spot-a", "spot-1");
    await addNode("spot-b", "spot-2");
    await reaches("a", { "on-demand": 1, "spot-a": 1, "spot-b": 1 });
  });

  it("begins each round on demand", async () => {
    await apply(await deploymentOf(spot, 4, "a"));
    await reaches("a", { "on-demand": 2, "spot-a": 1, "spot-b": 1 });
    await apply(await deploymentOf(spot, 7, "a"));
    await reaches("a", { "on-demand": 3, "spot-a": 2, "spot-b": 2 });
  });

  it("counts the pods of a new version by themselves", async () => {
    await apply(await deploymentOf(spot, 7, "b"));
    // As many as a rollout adds before an earlier pod may go. Both Spot parts are as empty as each other.
    await reaches("b", { "on-demand": 1, spot: 1 }, 0, (node) => node.replace(/^spot-.*/, "spot"));
  });

  it("puts no pod on Spot once spot is unset", async () => {
    await addNode("plain");
    await apply(await deploymentOf({}, 12, "c"));
    for (const endMs = Date.now() + limitMs; ; await sleep(200)) {
      const { counts, pending } = await placed("c");
      assert.deepEqual(
        Object.keys(counts).filter((name) => name.startsWith("spot")),
        [],
      );
      if (Object.keys(counts).length > 0 && pending === 0) return;
      assert.ok(Date.now() < endMs, JSON.stringify(counts));
    }
  });
});
