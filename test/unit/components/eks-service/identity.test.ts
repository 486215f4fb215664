import assert from "node:assert/strict";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";

const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const policy = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";
const binding = `${policy}Binding`;
const deployment = "kubernetes:apps/v1:Deployment";
const needing = { modelUri: "s3://models/cats" };

describe("The identity of the pods", () => {
  it("is asked for by the API server: a pod without credentials is refused, and created again", async () => {
    const plan = await declared(() => void eksService(needing));
    const { matchConstraints, matchConditions, validations } = plan.one(policy).inputs.spec as Record<string, unknown>;
    assert.deepEqual(matchConstraints, {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "inference" } },
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    });
    assert.deepEqual(matchConditions, [
      { name: "inference", expression: 'object.spec.serviceAccountName == "inference"' },
    ]);
    assert.match(JSON.stringify(validations), /AWS_CONTAINER_CREDENTIALS_FULL_URI/);
    assert.deepEqual(plan.one(binding).inputs.spec, { policyName: "inference-identity", validationActions: ["Deny"] });
  });

  it("is in force before the association, and that before the pods", async () => {
    const plan = await declared(() => void eksService(needing));
    assert.ok(plan.dependsOn(plan.one(association), plan.one(binding)));
    assert.ok(plan.dependsOn(plan.one(deployment), plan.one(association)));
  });

  it("has minutes to spread in a cluster of ours: the CloudWatch add-on comes between", async () => {
    const plan = await declared(() => void eksService(needing));
    assert.ok(plan.dependsOn(plan.one(deployment), plan.one("aws:eks/addon:Addon", "inference-observability")));
    assert.deepEqual(plan.one(association).options.hooks, {});
  });

  it("is waited for where the cluster exists already", async () => {
    const plan = await declared(() => void eksService(needing, { cluster: team }), cloudOfTeam);
    plan.one(policy);
    assert.deepEqual(Object.keys(plan.one(association).options.hooks), ["afterCreate"]);
  });

  it("is not asked for when the pods may do nothing", async () => {
    const plan = await declared(() => void eksService({}, { cluster: team }), cloudOfTeam);
    assert.deepEqual([plan.all(policy), plan.all(binding)], [[], []]);
    assert.deepEqual(plan.one(association).options.hooks, {});
  });
});
