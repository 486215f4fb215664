import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { withoutResource } from "../../../../policy/rules/iam";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const scaler = "kubernetes:apps/v1:StatefulSet";
const autoscaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const admission = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";
const scaling = { requestsPerMinutePerReplica: 600 };
const keys = { scaling, replicas: { min: 2, max: 5 } };
const jobImage = `public.ecr.aws/docker/library/node@sha256:${"a".repeat(64)}`;

const specOf = (plan: PlanUnderTest) => plan.one(scaler).inputs.spec as types.output.apps.v1.StatefulSetSpec;
const containerOf = (plan: PlanUnderTest) => {
  const [only, ...others] = specOf(plan).template.spec.containers;
  assert.ok(only && others.length === 0);
  return only;
};
const variablesOf = (plan: PlanUnderTest) =>
  Object.fromEntries(containerOf(plan).env.map((variable) => [variable.name, variable.value]));
const annotationsOf = (plan: PlanUnderTest) =>
  (plan.one(autoscaler).inputs.metadata as { annotations: Readonly<Record<string, string>> }).annotations;

describe("Request scaling on EKS", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await declared(() => void eksService(keys));
  });

  it("is one pod for a variant, which reads the requests of its target group every minute", () => {
    const { replicas, podManagementPolicy, selector, template } = specOf(plan);
    assert.deepEqual([replicas, podManagementPolicy], [1, "Parallel"]);
    const labels = { app: "inference-requests", variant: "eks" };
    assert.deepEqual([selector.matchLabels, template.metadata.labels], [labels, labels], "it is no pod of the Service");
    assert.deepEqual(variablesOf(plan), {
      NAMESPACE: "inference",
      AUTOSCALER: "inference-eks",
      REGION: "eu-west-1",
      CLOUDWATCH_URL: "https://monitoring.eu-west-1.amazonaws.com",
      TARGET_GROUP: "targetgroup/inference-eks/1",
      LOAD_BALANCER: "app/inference/2",
      MINUTES: "15",
      EVERY_SECONDS: "60",
      TOKEN_FILE: "/var/run/secrets/kubernetes.io/serviceaccount/token",
      NODE_EXTRA_CA_CERTS: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
    });
  });

  it("looks back as long as the cooldown where that is longer than 15 minutes", async () => {
    const own = await declared(() => void eksService({ scaling: { ...scaling, scaleInCooldownSeconds: 3000 } }));
    assert.equal(variablesOf(own).MINUTES, "50");
  });

  it("declares the target on the autoscaler, and leaves the bounds to the request scaler", () => {
    assert.equal(annotationsOf(plan)["inference/requests-per-minute-per-replica"], "600");
    const { inputs, options } = plan.one(autoscaler);
    const { minReplicas, maxReplicas } = inputs.spec as { minReplicas: number; maxReplicas: number };
    assert.deepEqual([minReplicas, maxReplicas], [2, 5]);
    assert.deepEqual(options.ignoreChanges, ["spec.minReplicas", "spec.maxReplicas"]);
  });

  it("may read and set the bounds of its autoscaler, and nothing else in the cluster", () => {
    assert.deepEqual(plan.one("kubernetes:rbac.authorization.k8s.io/v1:Role").inputs.rules, [
      {
        apiGroups: ["autoscaling"],
        resources: ["horizontalpodautoscalers"],
        resourceNames: ["inference-eks"],
        verbs: ["get", "patch"],
      },
    ]);
    const binding = plan.one("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding");
    const account = "inference-eks-requests";
    assert.deepEqual(binding.inputs.subjects, [{ kind: "ServiceAccount", name: account, namespace: "inference" }]);
    assert.equal(specOf(plan).template.spec.serviceAccountName, account);
    assert.ok(plan.dependsOn(plan.one(scaler), binding));
  });

  it("may read metrics of CloudWatch, which takes no resource, and nothing else on AWS", () => {
    const statements = plan.statements("inference-eks-requests");
    assert.deepEqual(statements, [{ Effect: "Allow", Action: ["cloudwatch:GetMetricData"], Resource: ["*"] }]);
    assert.ok(withoutResource.some((pattern) => pattern.test("cloudwatch:GetMetricData")));
    const identity = plan.one(association, "inference-eks-requests");
    assert.equal(identity.inputs.serviceAccount, "inference-eks-requests");
    assert.match(String(identity.inputs.roleArn), /role\/inference-eks-requests$/);
  });

  it("starts with its credentials only: they are required, and associated before", () => {
    const [policy] = plan.all(admission);
    assert.match(JSON.stringify(policy?.inputs.spec), /serviceAccountName == \\"inference-eks-requests\\"/);
    assert.ok(plan.dependsOn(plan.one(scaler), plan.one(association, "inference-eks-requests")));
  });

  it("does not make an update wait for it", () => {
    const { annotations } = plan.one(scaler).inputs.metadata as { annotations: object };
    assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
  });

  it("may reach CloudWatch, the API server and its credentials through the network policy of the namespace", () => {
    const { podSelector, egress } = plan.one("kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs.spec as {
      podSelector: object;
      egress: { to?: { ipBlock: { cidr: string } }[]; ports: { port: number }[] }[];
    };
    assert.deepEqual(podSelector, {});
    const open = (cidr: string, port: number) =>
      egress.some(
        ({ to, ports }) => to?.some(({ ipBlock }) => ipBlock.cidr === cidr) && ports.some((one) => one.port === port),
      );
    assert.ok(open("0.0.0.0/0", 443) && open("169.254.170.23/32", 80));
  });

  it("needs no root, no capability and little of a node, of the image's architecture", async () => {
    const { securityContext, tolerations, nodeSelector } = specOf(plan).template.spec;
    assert.deepEqual([securityContext.runAsNonRoot, securityContext.runAsUser], [true, 10001]);
    assert.deepEqual(tolerations, [{ key: "CriticalAddonsOnly", operator: "Exists" }]);
    assert.deepEqual(nodeSelector, { "kubernetes.io/arch": "amd64" });
    assert.deepEqual(containerOf(plan).resources.limits, { cpu: "50m", memory: "128Mi" });
    assert.deepEqual(containerOf(plan).securityContext, {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("runs in the service's own image, or in the one that is given", async () => {
    assert.equal(containerOf(plan).image, "repository@sha256:0");
    const eks = { jobImage, endpointCidrs: ["0.0.0.0/0"] };
    const own = await declared(() => void eksService({ ...keys, container: { preset: "fastapi" }, eks }));
    assert.equal(containerOf(own).image, jobImage);
  });

  it("works beside a schedule, whose jobs have an account of their own", async () => {
    const night = { days: ["mon"], from: "20:00", to: "06:30", timeZone: "Europe/Berlin", min: 0, max: 0 };
    const own = await declared(() => void eksService({ ...keys, schedule: { night } }));
    assert.deepEqual(own.names("kubernetes:rbac.authorization.k8s.io/v1:Role"), [
      "inference-eks-requests",
      "inference-eks-schedule",
    ]);
  });

  it("waits on an existing cluster until EKS has spread the role", async () => {
    const own = await declared(() => void eksService(keys, { cluster: team }), cloudOfTeam);
    assert.deepEqual(Object.keys(own.one(association, "inference-eks-requests").options.hooks), ["afterCreate"]);
  });

  it("is nothing without the key", async () => {
    const own = await declared(() => void eksService({ replicas: { min: 2, max: 5 } }));
    for (const type of [scaler, "kubernetes:rbac.authorization.k8s.io/v1:Role", admission])
      assert.deepEqual(own.all(type), [], type);
    assert.equal(own.all(association).length, 1, "that of the pods");
    assert.deepEqual(annotationsOf(own), { "pulumi.com/patchForce": "true" });
    assert.deepEqual(own.one(autoscaler).options.ignoreChanges, []);
  });
});
