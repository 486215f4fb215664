import assert from "node:assert/strict";
import type { Bounds } from "../../../../components/core/schedule";
import type { DeploymentState, KubeApi, PodState } from "../../../../components/eks-service/kube-api";
import { eksRollout } from "../../../../components/eks-service/rollout";

const usual = { min: 2, max: 10 };
const declared = {
  namespace: "inference",
  deployment: "eks",
  autoscaler: "scaler",
  version: "declared",
  rollback: false,
  alarmNames: [],
};

const progressing = (reason: string, status = "True") => ({ type: "Progressing", status, reason, message: "told so" });

function state(reason: string, counts: Partial<DeploymentState["status"]> = {}, status = "True"): DeploymentState {
  return {
    metadata: { name: "eks", namespace: "inference", uid: "1", generation: 3 },
    spec: { replicas: 2, selector: { matchLabels: { variant: "eks" } }, template: {} },
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
  readonly set: string[] = [];
  scalesByRequests = false;
  private bounds: Bounds;
  private replicas: number;
  private look = 0;
  private second = 0;

  constructor(
    private readonly states: readonly DeploymentState[],
    private readonly pods: readonly PodState[] = [],
    min = 2,
    private readonly warnings: readonly string[] = [],
    /** What is declared for this moment. */
    public declared: Bounds = usual,
  ) {
    this.bounds = { min, max: usual.max };
    this.replicas = min;
  }

  /** As a job of the schedule leaves it. */
  asleep() {
    this.replicas = 0;
    return this;
  }

  get rollout() {
    const kube: KubeApi = {
      deployment: async () => {
        const shown = this.states[Math.min(this.look, this.states.length - 1)] ?? state("NewReplicaSetAvailable");
        return { ...shown, spec: { ...shown.spec, replicas: this.replicas } };
      },
      pods: async () => this.pods,
      warnings: async () => this.warnings,
      bounds: async () => this.bounds,
      setBounds: async (_namespace, name, bounds) => {
        this.bounds = bounds;
        this.set.push(`${name} ${bounds.min}..${bounds.max}`);
      },
      setReplicas: async (_namespace, name, replicas) => {
        this.replicas = replicas;
        this.set.push(`${name} ${replicas}`);
      },
      replicaSets: () => assert.fail("without a roll-back no version is read"),
      annotateReplicaSet: () => assert.fail("without a roll-back no version is recorded"),
      annotatePods: () => assert.fail("a rollout restarts no pods"),
      deleteSecret: () => assert.fail("a rollout deletes no secret"),
      lacks: () => assert.fail("only preflight asks"),
      apply: () => assert.fail("without a roll-back nothing is applied"),
    };
    const alarms = { firing: () => assert.fail("without a roll-back no alarm is read") };
    const wait = async (seconds: number) => {
      this.look++;
      this.second += seconds;
    };
    const bounds = () => this.declared;
    return eksRollout(
      { ...declared, bounds, scalesByRequests: this.scalesByRequests },
      { kube, alarms },
      {
        report: (text: string) => this.said.push(text),
        wait,
        now: () => this.second,
      },
    );
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
    assert.deepEqual(cluster.set, ["scaler 8..10"]);
  });

  it("keeps raised pods until autoscaling has measured their load, which takes longer by requests", async () => {
    const cluster = new Cluster([]);
    const plain = cluster.rollout.holdSeconds;
    cluster.scalesByRequests = true;
    assert.deepEqual([plain, cluster.rollout.holdSeconds], [120, 360]);
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
    assert.deepEqual(cluster.set, ["scaler 2..10"]);
    assert.deepEqual(cluster.said, ["scaler: replicas were 8 to 10, now 2 to 10"]);
  });

  describe("with a schedule", () => {
    const complete = [state("NewReplicaSetAvailable")];
    const none = { min: 0, max: 0 };

    it("sets the bounds of now, whatever a job has set", async () => {
      const cluster = new Cluster(complete, [], 7, [], { min: 1, max: 3 });
      await cluster.rollout.complete();
      assert.deepEqual(cluster.set, ["scaler 3..3"], "a raised minimum is kept until the release");
      await cluster.rollout.release();
      assert.deepEqual(cluster.set.slice(1), ["scaler 1..3"]);
    });

    it("wakes one pod in a window with 0 replicas, and sends it to sleep when the version is proven", async () => {
      const cluster = new Cluster(complete, [], 2, [], none).asleep();
      const { rollout } = cluster;
      await rollout.complete();
      assert.equal(await rollout.raise(1), false, "the traffic does not wait for its load");
      await rollout.release();
      await rollout.release();
      assert.deepEqual(cluster.set, ["scaler 1..1", "eks 1", "eks 0"]);
      assert.deepEqual(cluster.said.slice(1), [
        "eks: had 0 replicas, now 1",
        "eks: has 0 replicas until its window ends",
      ]);
    });

    it("wakes what a window has put to sleep when the window is over or taken away", async () => {
      const cluster = new Cluster(complete).asleep();
      await cluster.rollout.complete();
      assert.deepEqual(cluster.set, ["eks 2"]);
    });

    it("wakes the pods again when a window begins while they are raised", async () => {
      const cluster = new Cluster(complete);
      const { rollout } = cluster;
      await rollout.complete();
      cluster.declared = none;
      cluster.asleep();
      await rollout.raise(2);
      assert.deepEqual(cluster.set, ["eks 1"]);
    });
  });
});
