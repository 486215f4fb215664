import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import type { PlannedResource } from "../../../../tools/offline";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const pool = "kubernetes:karpenter.sh/v1:NodePool";
const deployment = "kubernetes:apps/v1:Deployment";
const plan = (own: Readonly<Record<string, unknown>> = {}) => declared(() => void eksService(own));

interface PoolSpec {
  readonly template: {
    readonly spec: {
      readonly nodeClassRef: unknown;
      readonly requirements: readonly { readonly key: string; readonly values: readonly string[] }[];
      readonly taints?: unknown;
      readonly terminationGracePeriod?: string;
    };
  };
  readonly disruption: { readonly budgets: unknown; readonly consolidateAfter: string };
}

const specOf = ({ inputs }: PlannedResource) => inputs.spec as PoolSpec;
const requirement = (of: PlannedResource, name: string) =>
  specOf(of).template.spec.requirements.find(({ key }) => key.endsWith(`/${name}`))?.values;
const podOf = (of: PlanUnderTest) =>
  (of.one(deployment).inputs.spec as types.output.apps.v1.DeploymentSpec).template.spec;

describe("EKS node pool", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await plan();
  });

  it("requires the architecture of the image", async () => {
    assert.deepEqual(requirement(plain.one(pool), "arch"), ["amd64"]);
    assert.deepEqual(requirement((await plan({ architecture: "arm64" })).one(pool), "arch"), ["arm64"]);
  });

  it("uses Auto Mode's default node class and disrupts at most 10 % of the nodes at a time", () => {
    const { template, disruption } = specOf(plain.one(pool));
    assert.deepEqual(template.spec.nodeClassRef, { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" });
    assert.deepEqual(disruption.budgets, [{ nodes: "10%" }]);
  });

  it("is not consolidated while a pod pulls its image and starts", async () => {
    assert.equal(specOf(plain.one(pool)).disruption.consolidateAfter, "180s");
    const slow = await plan({ container: { preset: "other", startSeconds: 900 } });
    assert.equal(specOf(slow.one(pool)).disruption.consolidateAfter, "960s");
  });

  it("has the families with AMX where the stack asks for it, and otherwise every family above generation 4", async () => {
    assert.deepEqual(requirement(plain.one(pool), "instance-generation"), ["4"]);
    const amx = (await plan({ eks: { cpu: "amx" } })).one(pool);
    assert.deepEqual(requirement(amx, "instance-family"), ["c7i", "m7i"]);
    assert.equal(requirement(amx, "instance-generation"), undefined);
  });

  it("exists before the Deployment", () => assert.ok(plain.dependsOn(plain.one(deployment), plain.one(pool))));

  it("without spot is on demand, and neither pools nor pods name a part", () => {
    assert.deepEqual(requirement(plain.one(pool), "capacity-type"), ["on-demand"]);
    const named = JSON.stringify([plain.one(pool).inputs, plain.one(deployment).inputs]);
    assert.doesNotMatch(named, /inference\/(capacity|spot)|terminationGracePeriod"|toleration|affinity/i);
  });

  it("with weights of Spot alone is one pool with Spot first, whose pods may go anywhere", async () => {
    const own = await plan({ spot: { onDemandWeight: 0, spotWeight: 1 } });
    assert.deepEqual(requirement(own.one(pool), "capacity-type"), ["spot", "on-demand"]);
    assert.equal(requirement(own.one(pool), "capacity"), undefined);
    assert.deepEqual([podOf(own).affinity, podOf(own).tolerations], [undefined, undefined]);
  });

  it("on Spot gives all pods of an interrupted node their grace period at once", async () => {
    const own = await plan({ spot: { onDemandWeight: 0, spotWeight: 1 } });
    const { terminationGracePeriod } = specOf(own.one(pool)).template.spec;
    assert.equal(terminationGracePeriod, `${podOf(own).terminationGracePeriodSeconds}s`);
  });
});

describe("EKS node pools of a mix", () => {
  let mixed: PlanUnderTest;
  let onDemand: PlannedResource;
  let spot: PlannedResource;
  before(async () => {
    mixed = await plan({ replicas: { min: 3, max: 12 }, spot: { onDemandBase: 1, onDemandWeight: 0, spotWeight: 1 } });
    const named = (name: string) => {
      const found = mixed.all(pool).find((each) => each.name === name);
      assert.ok(found);
      return found;
    };
    onDemand = named("inference-machines");
    spot = named("inference-machines-spot");
  });

  it("divide the parts: one on demand only, the other on Spot first", () => {
    assert.deepEqual(
      [onDemand, spot].map((each) => [requirement(each, "capacity-type"), requirement(each, "capacity")]),
      [
        [["on-demand"], ["on-demand-1"]],
        [
          ["spot", "on-demand"],
          ["spot-1", "spot-2"],
        ],
      ],
    );
  });

  it("keep other pods off the Spot pool, so that its deletion interrupts none", () => {
    assert.deepEqual(specOf(spot).template.spec.taints, [{ key: "inference/spot", effect: "NoSchedule" }]);
    assert.equal(specOf(onDemand).template.spec.taints, undefined);
    assert.deepEqual(podOf(mixed).tolerations, [{ key: "inference/spot", effect: "NoSchedule", operator: "Exists" }]);
  });

  it("end with a pod's grace period on Spot alone: on demand the disruption budget always holds", () => {
    const limits = [spot, onDemand].map((each) => specOf(each).template.spec.terminationGracePeriod);
    assert.deepEqual(limits, [`${podOf(mixed).terminationGracePeriodSeconds}s`, undefined]);
  });

  it("both exist before the Deployment", () => {
    for (const each of [onDemand, spot]) assert.ok(mixed.dependsOn(mixed.one(deployment), each), each.name);
  });

  it("get the same number of pods in each part, of each version by itself", () => {
    const labels = { app: "inference", variant: "eks" };
    assert.deepEqual(podOf(mixed).topologySpreadConstraints[1], {
      topologyKey: "inference/capacity",
      maxSkew: 1,
      minDomains: 3,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: labels },
      matchLabelKeys: ["pod-template-hash"],
    });
  });

  it("get pods in these parts only, on demand first", () => {
    const among = (...values: string[]) => ({
      matchExpressions: [{ key: "inference/capacity", operator: "In", values }],
    });
    assert.deepEqual(podOf(mixed).affinity.nodeAffinity, {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [among("on-demand-1", "spot-1", "spot-2")],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: among("on-demand-1") }],
    });
  });

  it("let the provider of secrets run on tainted nodes", async () => {
    const secrets = { TOKEN: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:token" };
    const configured = async (own: object) => {
      const found = (await plan({ secrets, ...own })).all("aws:eks/addon:Addon").map(({ inputs }) => inputs);
      const driver = found.find(({ addonName }) => addonName === "aws-secrets-store-csi-driver-provider");
      return JSON.parse(String(driver?.configurationValues)).tolerations;
    };
    assert.equal(await configured({}), undefined);
    assert.deepEqual(await configured({ spot: { spotWeight: 1 } }), [{ operator: "Exists" }]);
  });

  it("are not made in an existing cluster, whose nodes have no parts", async () => {
    const there = await declared(() => void eksService({ spot: { spotWeight: 1 } }, { cluster: team }), cloudOfTeam);
    assert.deepEqual(there.all(pool), []);
    assert.doesNotMatch(JSON.stringify(podOf(there)), /inference\/(capacity|spot)/);
  });
});
