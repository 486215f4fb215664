import assert from "node:assert/strict";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";

const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const policy = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";
const binding = `${policy}Binding`;
const deployment = "kubernetes:apps/v1:Deployment";
const needing = { modelUri: "s3://models/cats" };

describe("EKS Pod Identity", () => {
  it("is required by an admission policy: a pod without credentials is refused, and created again", async () => {
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

  it("is required before the association exists, and associated before the pods exist", async () => {
    const plan = await declared(() => void eksService(needing));
    assert.ok(plan.dependsOn(plan.one(association), plan.one(binding)));
    assert.ok(plan.dependsOn(plan.one(deployment), plan.one(association)));
  });

  it("has minutes to propagate in a new cluster, while the CloudWatch add-on is created", async () => {
    const plan = await declared(() => void eksService(needing));
    assert.ok(plan.dependsOn(plan.one(deployment), plan.one("aws:eks/addon:Addon", "inference-observability")));
    assert.deepEqual(plan.one(association).options.hooks, {});
  });

  it("is waited for on an existing cluster", async () => {
    const plan = await declared(() => void eksService(needing, { cluster: team }), cloudOfTeam);
    plan.one(policy);
    assert.deepEqual(Object.keys(plan.one(association).options.hooks), ["afterCreate"]);
  });

  it("is required for pods whose only permissions are managed policies", async () => {
    const permissions = [{ policy: "arn:aws:iam::aws:policy/AmazonBedrockReadOnly" }];
    const plan = await declared(() => void eksService({ permissions }));
    plan.one(binding);
    const attachment = plan.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
    assert.equal(attachment.inputs.role, "inference-pod");
    assert.ok(plan.dependsOn(plan.one(association), attachment));
  });

  it("is not required for pods without permissions", async () => {
    const plan = await declared(() => void eksService({}, { cluster: team }), cloudOfTeam);
    assert.deepEqual([plan.all(policy), plan.all(binding)], [[], []]);
    assert.deepEqual(plan.one(association).options.hooks, {});
  });
});
