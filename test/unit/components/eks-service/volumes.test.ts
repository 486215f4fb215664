import assert from "node:assert/strict";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const network = {
  vpcId: "vpc-1",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const accessPoint = "fsap-0123456789abcdef0";
const volumes = {
  models: { efs: "fs-0123456789abcdef0", path: "/models" },
  results: { efs: "fs-0123456789abcdef1", accessPoint, path: "/results", readOnly: false },
};
const own = { network: { ...network, vpcId: "vpc-0123abcd" }, volumes };
const persistentVolume = "kubernetes:core/v1:PersistentVolume";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const addon = "aws:eks/addon:Addon";

describe("EKS volumes", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await declared(() => void eksService(own));
  });

  it("are persistent volumes of the EFS driver, which Kubernetes neither chooses for others nor deletes", () => {
    const specs = plan.all(persistentVolume).map(({ inputs }) => inputs.spec as Record<string, unknown>);
    assert.deepEqual(
      specs.map(({ csi }) => csi),
      [
        { driver: "efs.csi.aws.com", volumeHandle: "fs-0123456789abcdef0" },
        { driver: "efs.csi.aws.com", volumeHandle: `fs-0123456789abcdef1::${accessPoint}` },
      ],
    );
    for (const { accessModes, mountOptions, persistentVolumeReclaimPolicy, storageClassName } of specs)
      assert.deepEqual(
        [accessModes, mountOptions, persistentVolumeReclaimPolicy, storageClassName],
        [["ReadWriteMany"], ["iam"], "Retain", ""],
      );
  });

  it("are claimed by name in the namespace of the pods, and mounted read-only by default", () => {
    const claims = plan.all(claim).map(({ inputs }) => inputs);
    const named = (name: string) => `inference-efs-${name}`;
    assert.deepEqual(
      claims.map(({ spec }) => (spec as { volumeName: string }).volumeName),
      [named("models"), named("results")],
    );
    for (const { metadata } of claims) assert.equal((metadata as { namespace: string }).namespace, "inference");
    const { template } = plan.one("kubernetes:apps/v1:Deployment").inputs.spec as {
      template: { spec: { volumes: { name: string; persistentVolumeClaim?: object }[] } };
    };
    assert.deepEqual(
      template.spec.volumes.flatMap(({ persistentVolumeClaim: source }) => source ?? []),
      [{ claimName: named("models"), readOnly: true }, { claimName: named("results") }],
    );
  });

  it("need the driver, which has a role before it starts", () => {
    const driver = plan.one(addon, "inference-volumes");
    assert.deepEqual(
      [driver.inputs.addonName, driver.inputs.podIdentityAssociations],
      ["aws-efs-csi-driver", undefined],
    );
    const identity = plan.one(association, "inference-volumes");
    const { namespace, serviceAccount } = identity.inputs;
    assert.deepEqual([namespace, serviceAccount], ["kube-system", "efs-csi-node-sa"]);
    assert.deepEqual(Object.keys(identity.options.hooks), ["afterCreate"]);
    assert.ok(plan.dependsOn(driver, identity));
    assert.ok(plan.dependsOn(identity, plan.one("aws:iam/rolePolicy:RolePolicy", "inference-volumes")));
    assert.ok(plan.dependsOn(plan.one("kubernetes:apps/v1:Deployment"), driver));
  });

  it("allow mounting these file systems alone, and writing only without readOnly", () => {
    const arn = (resource: string) => `arn:aws:elasticfilesystem:eu-west-1:*:${resource}`;
    assert.deepEqual(plan.statements("inference-volumes"), [
      {
        Effect: "Allow",
        Action: ["elasticfilesystem:ClientMount"],
        Resource: [arn("file-system/fs-0123456789abcdef0")],
      },
      {
        Effect: "Allow",
        Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        Resource: [arn("file-system/fs-0123456789abcdef1")],
        Condition: { ArnLike: { "elasticfilesystem:AccessPointArn": arn(`access-point/${accessPoint}`) } },
      },
    ]);
  });

  it("use the driver of an existing cluster, without IAM", async () => {
    const existing = await declared(() => void eksService(own, { cluster: team }), cloudOfTeam);
    assert.deepEqual(existing.all(addon), []);
    assert.deepEqual(existing.names(association), ["inference"]);
    const specs = existing.all(persistentVolume).map(({ inputs }) => inputs.spec as Record<string, unknown>);
    assert.deepEqual(
      specs.map(({ mountOptions }) => mountOptions),
      [undefined, undefined],
    );
  });

  it("bring nothing to a stack without them", async () => {
    const plain = await declared(() => void eksService());
    assert.deepEqual([plain.all(persistentVolume), plain.all(claim)], [[], []]);
    assert.ok(!plain.names(addon).includes("inference-volumes"));
  });
});
