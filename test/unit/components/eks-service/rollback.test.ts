import assert from "node:assert/strict";
import type {
  AppliedDeployment,
  DeploymentState,
  KubeApi,
  ReplicaSetState,
} from "../../../../components/eks-service/kube-api";
import { fingerprint } from "../../../../components/eks-service/revisions";
import { eksRollout } from "../../../../components/eks-service/rollout";
import { alarms as catalogue } from "../../../../components/monitoring/alarms";

const labels = { app: "inference", variant: "eks" };
const revision = "deployment.kubernetes.io/revision";
const proven = "inference/proven";
const note = "inference/rolled-back";

const bounds = { min: 2, max: 10 };

type State = "running" | "stuck" | "complete";

interface Version {
  readonly name: string;
  readonly image: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly available?: number;
}

const templateOf = (image: string) => ({
  metadata: { labels },
  spec: { containers: [{ name: "inference", image, terminationMessagePath: "/dev/termination-log" }] },
});

/** Fields that Pulumi's provider applied. The autoscaler owns the replicas. */
const managedFields = [
  {
    manager: "kube-controller-manager",
    operation: "Update",
    subresource: "scale",
    fieldsV1: { "f:spec": { "f:replicas": {} } },
  },
  {
    manager: "pulumi-kubernetes-1a2b",
    operation: "Apply",
    fieldsV1: {
      "f:metadata": { "f:labels": { "f:app": {} }, "f:annotations": { "f:pulumi.com/skipAwait": {} } },
      "f:spec": { "f:selector": {}, "f:template": { "f:spec": { "f:containers": {} } } },
    },
  },
];

/** A Deployment whose newest version is in some state, with a clock on which a wait is a step of the rollout. */
class Cluster {
  readonly said: string[] = [];
  readonly applied: [AppliedDeployment, string][] = [];
  readonly annotated: [string, object][] = [];
  /** Second -> alarms that fire from then on. */
  readonly alarms: [number, string][] = [];
  annotations: Record<string, string> = { "pulumi.com/skipAwait": "true" };
  second = 0;

  constructor(
    readonly versions: Version[],
    private state: State,
  ) {}

  private get deployment(): DeploymentState {
    const reason = {
      running: "ReplicaSetUpdated",
      stuck: "ProgressDeadlineExceeded",
      complete: "NewReplicaSetAvailable",
    };
    return {
      metadata: {
        name: "eks",
        namespace: "inference",
        uid: "1",
        generation: 1,
        labels: { app: "inference" },
        annotations: { ...this.annotations, [revision]: String(this.versions.length) },
        managedFields,
      },
      spec: { replicas: 2, selector: { matchLabels: labels }, template: templateOf(this.versions.at(-1)?.image ?? "") },
      status: {
        observedGeneration: 1,
        replicas: 2,
        updatedReplicas: 2,
        availableReplicas: 2,
        conditions: [{ type: "Progressing", status: "True", reason: reason[this.state], message: "told so" }],
      },
    };
  }

  private get sets(): ReplicaSetState[] {
    const meta = { namespace: "inference", ownerReferences: [{ uid: "1" }] };
    const own = this.versions.map(({ name, image, annotations, available }, index) => ({
      metadata: { ...meta, name, uid: name, annotations: { ...annotations, [revision]: String(index + 1) } },
      spec: { template: { ...templateOf(image), metadata: { labels: { ...labels, "pod-template-hash": name } } } },
      status: { availableReplicas: available ?? 0 },
    }));
    const foreign = { ...own[0], metadata: { ...own[0]?.metadata, name: "foreign", ownerReferences: [{ uid: "2" }] } };
    return [foreign as ReplicaSetState, ...own];
  }

  get kube(): KubeApi {
    const none = () => assert.fail("a roll-back does not scale");
    return {
      deployment: async () => this.deployment,
      pods: async () => [
        {
          metadata: { name: "eks-1" },
          status: { containerStatuses: [{ state: { waiting: { reason: "ErrImagePull", message: "not found" } } }] },
        },
      ],
      warnings: async () => [],
      bounds: async () => bounds,
      setBounds: none,
      setReplicas: none,
      replicaSets: async () => this.sets,
      annotateReplicaSet: async (_namespace, name, annotations) => void this.annotated.push([name, annotations]),
      annotatePods: none,
      deleteSecret: () => assert.fail("a rollout deletes no secret"),
      lacks: () => assert.fail("only preflight asks"),
      apply: async (deployment, manager) => {
        this.applied.push([deployment, manager]);
        this.annotations = { ...deployment.metadata.annotations };
        this.state = "complete";
      },
    };
  }

  complete(version = "declared", rollback = true): Promise<void> {
    const declared = { namespace: "inference", deployment: "eks", autoscaler: "scaler", bounds: () => bounds };
    const alarms = {
      firing: async (names: readonly string[]) =>
        this.alarms.flatMap(([from, name]) => (this.second >= from && names.includes(name) ? [name] : [])),
    };
    const wait = async (seconds: number) => {
      this.second += seconds;
    };
    const polling = { report: (text: string) => this.said.push(text), wait, now: () => this.second };
    const wanted = { ...declared, version, rollback, alarmNames: ["slow", "failing"], scalesByRequests: false };
    return eksRollout(wanted, { kube: this.kube, alarms }, polling).complete();
  }
}

const works = (name: string, more: Partial<Version> = {}): Version => ({
  name,
  image: `${name}:image`,
  annotations: { [proven]: "true" },
  ...more,
});
const fresh = (name: string, more: Partial<Version> = {}): Version => works(name, { annotations: {}, ...more });

const retry = "Fix the cause and run `pulumi up`. To retry the same version, run `pulumi up --refresh`.";

describe("EKS roll-back", () => {
  it("returns a rollout that fails to the version before, in the name of the manager that applied it", async () => {
    const cluster = new Cluster([works("one", { available: 2 }), fresh("two")], "stuck");
    const reason = [
      "eks was rolled back: it runs one, not the declared version",
      "  eks failed to roll out: told so",
      "    [ErrImagePull] not found",
      retry,
    ].join("\n");
    await assert.rejects(cluster.complete(), { message: reason });
    const [[deployment, manager] = assert.fail()] = cluster.applied;
    assert.equal(manager, "pulumi-kubernetes-1a2b");
    assert.deepEqual(deployment, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name: "eks",
        namespace: "inference",
        labels: { app: "inference" },
        annotations: {
          "pulumi.com/skipAwait": "true",
          [note]: JSON.stringify({ version: "declared", reason }),
        },
      },
      spec: { selector: { matchLabels: labels }, template: templateOf("one:image") },
    });
    assert.deepEqual(cluster.annotated, [], "a version that failed is not recorded");
    assert.equal(cluster.said.at(-1), "eks: failed; rolling back to one");
  });

  it("fails again with the same reason while the version that was rolled back is declared", async () => {
    const cluster = new Cluster([works("one", { available: 2 }), fresh("two")], "stuck");
    const first = await cluster.complete().catch((error: Error) => error.message);
    await assert.rejects(cluster.complete(), { message: first });
    assert.equal(cluster.applied.length, 1);
  });

  it("does not hold a roll-back against another declared version", async () => {
    const cluster = new Cluster([works("one", { available: 2 }), fresh("two")], "stuck");
    await assert.rejects(cluster.complete());
    cluster.versions.push(works("one", { available: 2 }));
    await cluster.complete("one");
  });

  it("returns to the newest version that worked, past one that failed", async () => {
    const cluster = new Cluster(
      [works("one"), works("two"), fresh("broken", { available: 1 }), fresh("four")],
      "stuck",
    );
    await assert.rejects(cluster.complete(), /it runs two, not the declared version/);
  });

  it("returns to a version from before versions were recorded while it has pods", async () => {
    const cluster = new Cluster([fresh("old"), fresh("serving", { available: 2 }), fresh("three")], "stuck");
    await assert.rejects(cluster.complete(), /it runs serving, not the declared version/);
  });

  it("says that a first version has nothing to go back to", async () => {
    const cluster = new Cluster([fresh("one")], "stuck");
    await assert.rejects(cluster.complete(), {
      message: [
        "eks failed to roll out: told so",
        "  [ErrImagePull] not found",
        "It is not rolled back: no earlier version of it is known to work.",
        "Fix the cause and run `pulumi up`.",
      ].join("\n"),
    });
    assert.deepEqual(cluster.applied, []);
  });

  it("with rollback: false reports the failure and changes nothing", async () => {
    const cluster = new Cluster([works("one", { available: 2 }), fresh("two")], "stuck");
    await assert.rejects(cluster.complete("declared", false), /^Error: eks failed to roll out/);
    assert.deepEqual(cluster.applied, []);
  });

  it("watches the alarms of a new version, then records that it works", async () => {
    const cluster = new Cluster([works("one"), fresh("two")], "complete");
    await cluster.complete();
    assert.equal(cluster.second, 240);
    assert.deepEqual(cluster.annotated, [["two", { [proven]: "true" }]]);
  });

  it("watches longer than an alarm that rolls back needs to fire", () => {
    for (const { name, rollsBack, periods, periodSeconds } of catalogue) {
      if (rollsBack) assert.ok(periods * periodSeconds + 60 <= 240, name);
    }
  });

  for (const [moment, state, second] of [
    ["during the rollout", "running", 10],
    ["after it", "complete", 200],
  ] as const) {
    it(`rolls back when an alarm fires ${moment}`, async () => {
      const cluster = new Cluster([works("one"), fresh("two")], state);
      cluster.alarms.push([second, "failing"]);
      await assert.rejects(cluster.complete(), {
        message: `eks was rolled back: it runs one, not the declared version\n  eks has an alarm\n    alarm: failing\n${retry}`,
      });
      assert.equal(cluster.applied.length, 1);
    });
  }

  it("ignores an alarm that fired before the rollout, as ECS does", async () => {
    const cluster = new Cluster([works("one"), fresh("two")], "complete");
    cluster.alarms.push([0, "slow"]);
    await cluster.complete();
    assert.equal(cluster.applied.length, 0);
  });

  it("neither watches a version that is known to work nor a first one", async () => {
    for (const versions of [[works("one"), works("two")], [fresh("one")]]) {
      const cluster = new Cluster(versions, "complete");
      await cluster.complete();
      assert.equal(cluster.second, 0);
    }
  });

  it("identifies a template by its values, not by the order of its keys", () => {
    assert.equal(fingerprint({ a: [{ b: 1, c: 2 }], d: undefined }), fingerprint({ a: [{ c: 2, b: 1 }] }));
    assert.notEqual(fingerprint({ a: [1, 2] }), fingerprint({ a: [2, 1] }));
  });
});
