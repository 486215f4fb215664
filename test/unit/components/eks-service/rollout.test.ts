import assert from "node:assert/strict";
import type { DeploymentState, KubeApi, PodState } from "../../../../components/eks-service/kube-api";
import { eksRollout } from "../../../../components/eks-service/rollout";

const declared = { namespace: "inference", deployment: "eks", autoscaler: "scaler", minReplicas: 2 };

const progressing = (reason: string, status = "True") => ({ type: "Progressing", status, reason, message: "told so" });

function state(reason: string, counts: Partial<DeploymentState["status"]> = {}, status = "True"): DeploymentState {
  return {
    metadata: { generation: 3 },
    spec: { replicas: 2, selector: { matchLabels: { variant: "eks" } } },
    status: {
      observedGeneration: 3,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      ...counts,
      conditions: [progressing(reason, status)],
    },
  };
}

/** A cluster that gives these answers, one a look; the last one stays. */
class Cluster {
  readonly said: string[] = [];
  readonly set: number[] = [];
  private look = 0;
  private second = 0;

  constructor(
    private readonly states: readonly DeploymentState[],
    private readonly pods: readonly PodState[] = [],
    private min = 2,
    private readonly warnings: readonly string[] = [],
  ) {}

  get rollout() {
    const kube: KubeApi = {
      deployment: async () => this.states[Math.min(this.look, this.states.length - 1)] as DeploymentState,
      pods: async () => this.pods,
      warnings: async () => this.warnings,
      minReplicas: async () => this.min,
      setMinReplicas: async (_namespace, _name, min) => {
        this.min = min;
        this.set.push(min);
      },
    };
    const wait = async (seconds: number) => {
      this.look++;
      this.second += seconds;
    };
    return eksRollout(declared, kube, { report: (text) => this.said.push(text), wait, now: () => this.second });
  }
}

const waiting = (reason: string, message: string): PodState => ({
  metadata: { name: "eks-1" },
  status: { containerStatuses: [{ state: { waiting: { reason, message } } }] },
});

describe("EKS rollout", () => {
  it("is complete once the new pods are available and the old ones are deleted", async () => {
    const cluster = new Cluster([
      state("ReplicaSetUpdated", { updatedReplicas: 1, replicas: 3 }),
      state("NewReplicaSetAvailable", { updatedReplicas: 2, replicas: 3 }),
      state("NewReplicaSetAvailable"),
    ]);
    await cluster.rollout.complete();
    assert.deepEqual(cluster.said, [
      "eks: 1 of 2 pods are new, 2 are available",
      "eks: 2 of 2 pods are new, 2 are available",
    ]);
  });

  it("is not complete before the cluster has observed the change", async () => {
    const cluster = new Cluster([
      state("NewReplicaSetAvailable", { observedGeneration: 2 }),
      state("NewReplicaSetAvailable"),
    ]);
    await cluster.rollout.complete();
    assert.equal(cluster.said.length, 1);
  });

  it("remains complete when pods fail later: health checks cover that", () =>
    new Cluster([state("NewReplicaSetAvailable", { availableReplicas: 0 })]).rollout.complete());

  it("ignores the condition of an earlier rollout, which remains for a moment after a return", () =>
    new Cluster([
      state("ProgressDeadlineExceeded", { replicas: 2, updatedReplicas: 1 }, "False"),
      state("NewReplicaSetAvailable"),
    ]).rollout.complete());

  it("fails when Kubernetes gives up, with each reason of the pods once", async () => {
    const pods = [1, 2].map(() => waiting("ErrImagePull", "failed to pull image"));
    const cluster = new Cluster([state("ProgressDeadlineExceeded", {}, "False")], pods, 2, ["no such secret"]);
    await assert.rejects(cluster.rollout.complete(), {
      message: [
        "eks failed to roll out: told so",
        "  [ErrImagePull] failed to pull image",
        "  no such secret",
        "Fix the cause and run `pulumi up`.",
      ].join("\n"),
    });
  });

  it("fails after twenty minutes, with why containers ended and pods have no node", async () => {
    const ended = { lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } } };
    const unplaced = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" };
    const pods = [
      { metadata: { name: "a" }, status: { containerStatuses: [ended] } },
      { metadata: { name: "b" }, status: { conditions: [unplaced] } },
    ];
    const cluster = new Cluster([state("ReplicaSetUpdated", { availableReplicas: 0 })], pods);
    await assert.rejects(
      cluster.rollout.complete(),
      /^Error: eks is not ready after 1200 s: .*\n {2}\[OOMKilled\] exit code 137\n {2}\[Unschedulable\] 0\/3 nodes\n/,
    );
  });

  it("raises the autoscaler's minimum, and no further when it is high enough", async () => {
    const cluster = new Cluster([]);
    const { rollout } = cluster;
    assert.deepEqual([await rollout.raise(2), await rollout.raise(8)], [false, true]);
    assert.deepEqual(cluster.set, [8]);
  });

  it("keeps a minimum that a killed update raised", async () => {
    const cluster = new Cluster([], [], 8);
    assert.equal(await cluster.rollout.raise(4), true);
    assert.deepEqual(cluster.set, []);
  });

  it("restores the declared minimum, also after an earlier update was killed", async () => {
    const cluster = new Cluster([], [], 8);
    await cluster.rollout.release();
    await cluster.rollout.release();
    assert.deepEqual(cluster.set, [2]);
  });
});
