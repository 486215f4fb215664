import assert from "node:assert/strict";
import type { DeploymentState, KubeApi } from "../../../../components/eks-service/kube-api";
import { restartOnEks } from "../../../../tools/restart/eks";

const place = { namespace: "inference", deployment: "eks", secrets: ["inference-secrets"] };
const restartedAt = "inference/restarted-at";

const rolloutSeconds = 30;

/** A Deployment that was restarted once, whose next rollout ends with this reason after 30 s. */
function cluster(reason: "NewReplicaSetAvailable" | "ProgressDeadlineExceeded", before?: string) {
  const calls: string[] = [];
  let second = 0;
  const state = (): DeploymentState => ({
    metadata: {
      name: "eks",
      namespace: "inference",
      uid: "1",
      generation: 1,
      annotations: { "deployment.kubernetes.io/revision": "2" },
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: {} },
      template: { metadata: { annotations: before === undefined ? {} : { [restartedAt]: before } } },
    },
    status: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      conditions: [
        {
          type: "Progressing",
          status: "True",
          reason: second < rolloutSeconds ? "ReplicaSetUpdated" : reason,
          message: "told so",
        },
      ],
    },
  });
  const set = (name: string, revision: string) => ({
    metadata: {
      name,
      namespace: "inference",
      uid: name,
      ownerReferences: [{ uid: "1" }],
      annotations: { "deployment.kubernetes.io/revision": revision },
    },
    spec: { template: {} },
  });
  const kube: KubeApi = {
    deployment: async () => state(),
    pods: async () => [],
    warnings: async () => [],
    bounds: () => assert.fail("a restart does not scale"),
    setBounds: () => assert.fail("a restart does not scale"),
    setReplicas: () => assert.fail("a restart does not scale"),
    replicaSets: async () => [set("old", "1"), set("new", "2")],
    annotateReplicaSet: async (_namespace, name) => void calls.push(`proven ${name} after ${second} s`),
    annotatePods: async (namespace, name, annotations) =>
      void calls.push(`${namespace}/${name} ${JSON.stringify(annotations)}`),
    deleteSecret: async (_namespace, name) => void calls.push(`deleted ${name}`),
    lacks: () => assert.fail("only preflight asks"),
    apply: () => assert.fail("a restart applies no template"),
  };
  const wait = async (seconds: number) => {
    second += seconds;
  };
  const polling = { report: () => {}, wait, now: () => second };
  return { calls, restarted: () => restartOnEks(place, kube, polling, () => new Date("2026-12-01T00:00:00Z")) };
}

const now = `inference/eks {"${restartedAt}":"2026-12-01T00:00:00.000Z"}`;

describe("npm run restart on EKS", () => {
  it("deletes the copied secrets first, so that they are read again; annotates the pods, waits, and records that they work: the next update does not watch them", async () => {
    const { calls, restarted } = cluster("NewReplicaSetAvailable");
    await restarted();
    assert.deepEqual(calls, ["deleted inference-secrets", now, "proven new after 30 s"]);
  });

  for (const [what, before, after] of [
    ["the annotation of the old pods", "2026-11-01", '"2026-11-01"'],
    ["no annotation, which the old pods have", undefined, "null"],
  ] as const) {
    it(`restores ${what} when the new ones do not become healthy`, async () => {
      const { calls, restarted } = cluster("ProgressDeadlineExceeded", before);
      await assert.rejects(restarted(), {
        message: "eks failed to roll out: told so\nThe old pods stay. Fix the cause and restart again.",
      });
      assert.deepEqual(calls.slice(1), [now, `inference/eks {"${restartedAt}":${after}}`]);
    });
  }
});
