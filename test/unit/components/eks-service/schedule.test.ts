import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { scriptText } from "../../../../components/eks-service/scripts";
import { eksService } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const job = "kubernetes:batch/v1:CronJob";
const scaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const night = { days: ["mon", "tue"], from: "20:00", to: "06:30", timeZone: "Europe/Berlin", min: 0, max: 0 };
const keys = { schedule: { night }, replicas: { min: 2, max: 5 } };
const nodeImage = `public.ecr.aws/docker/library/node@sha256:${"a".repeat(64)}`;

const specOf = (plan: PlanUnderTest, name: string) =>
  plan.one(job, name).inputs.spec as types.output.batch.v1.CronJobSpec;
const podOf = (plan: PlanUnderTest, name: string) => specOf(plan, name).jobTemplate.spec.template.spec;
const containerOf = (plan: PlanUnderTest, name: string) => {
  const [only, ...others] = podOf(plan, name).containers;
  assert.ok(only && others.length === 0);
  return only;
};
const variablesOf = (plan: PlanUnderTest, name: string) =>
  Object.fromEntries(containerOf(plan, name).env.map((variable) => [variable.name, variable.value]));

describe("Schedule on EKS", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await declared(() => void eksService(keys));
  });

  it("has a job for each moment at which the bounds change, by the clock of its zone", () => {
    const jobs = plan.all(job).map(({ name }) => [name, specOf(plan, name).schedule, specOf(plan, name).timeZone]);
    assert.deepEqual(jobs, [
      ["inference-eks-night-open", "0 20 * * MON,TUE", "Europe/Berlin"],
      ["inference-eks-night-close", "30 6 * * TUE,WED", "Europe/Berlin"],
    ]);
    const { MIN, MAX } = variablesOf(plan, "inference-eks-night-close");
    assert.deepEqual([MIN, MAX], ["2", "5"]);
    assert.equal(variablesOf(plan, "inference-eks-night-open").MAX, "0");
  });

  it("lets a job start late and wait for a node, each for half of the time until other bounds are due", () => {
    const limits = plan.all(job).map(({ name }) => {
      const { startingDeadlineSeconds, jobTemplate } = specOf(plan, name);
      return [startingDeadlineSeconds, jobTemplate.spec.activeDeadlineSeconds];
    });
    // From 20:00 to 06:30, and from 06:30 to 20:00.
    assert.deepEqual(
      limits,
      [10.5, 13.5].map((hours) => [hours * 1800, hours * 1800]),
    );
  });

  it("lets a job that fails try until its deadline, not only the six times of the default", () => {
    const tries = plan.all(job).map(({ name }) => specOf(plan, name).jobTemplate.spec.backoffLimit);
    assert.deepEqual(tries, [1890, 2430], "one every ten seconds of 5.25 and of 6.75 hours");
  });

  it("names its jobs within the 52 characters of a CronJob, whatever the window is called", async () => {
    const long = { ...keys, schedule: { ["w".repeat(32)]: night } };
    const own = await declared(
      () => void eksService({ ...long, target: "variants", variants: { eks: { target: "eks", weight: 100 } } }),
    );
    const names = own.all(job).map(({ inputs }) => (inputs.metadata as { name: string }).name);
    assert.equal(new Set(names).size, 2);
    for (const name of names) assert.ok(name.length <= 52, name);
  });

  it("may set the bounds of its autoscaler and the count of its Deployment, and nothing else", () => {
    const { rules } = plan.one("kubernetes:rbac.authorization.k8s.io/v1:Role").inputs;
    assert.deepEqual(rules, [
      {
        apiGroups: ["autoscaling"],
        resources: ["horizontalpodautoscalers"],
        resourceNames: ["inference-eks"],
        verbs: ["get", "patch"],
      },
      {
        apiGroups: ["apps"],
        resources: ["deployments/scale"],
        resourceNames: ["inference-eks"],
        verbs: ["get", "patch"],
      },
    ]);
    const binding = plan.one("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding");
    assert.deepEqual(binding.inputs.subjects, [
      { kind: "ServiceAccount", name: "inference-eks-schedule", namespace: "inference" },
    ]);
    for (const each of plan.all(job)) assert.ok(plan.dependsOn(each, binding), each.name);
  });

  it("runs the script with the service's own image, or with the one that is given", async () => {
    const { image, command } = containerOf(plan, "inference-eks-night-open");
    assert.equal(image, "repository@sha256:0");
    // Kubernetes reads $$ as $.
    assert.deepEqual(command, ["node", "-e", scriptText("set-replicas").replaceAll("$", () => "$$")]);
    const foreign = {
      ...keys,
      container: { preset: "fastapi" },
      eks: { jobImage: nodeImage, endpointCidrs: ["0.0.0.0/0"] },
    };
    const own = await declared(() => void eksService(foreign));
    assert.equal(containerOf(own, "inference-eks-night-open").image, nodeImage);
  });

  it("is no pod of the Service and needs no root, no capability and no other node than the system's", () => {
    const { template } = specOf(plan, "inference-eks-night-open").jobTemplate.spec;
    assert.deepEqual(template.metadata.labels, { app: "inference-schedule", variant: "eks" });
    const { securityContext, tolerations, serviceAccountName } = template.spec;
    assert.equal(serviceAccountName, "inference-eks-schedule");
    assert.deepEqual([securityContext.runAsNonRoot, securityContext.runAsUser], [true, 10001]);
    assert.deepEqual(tolerations, [{ key: "CriticalAddonsOnly", operator: "Exists" }]);
    assert.deepEqual(containerOf(plan, "inference-eks-night-open").securityContext, {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("may reach the API server, which answers on 443", () => {
    const { egress } = plan.one("kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs.spec as {
      egress: { to?: { ipBlock: { cidr: string } }[]; ports: { port: number }[] }[];
    };
    const open = egress.filter(({ to }) => to?.some(({ ipBlock }) => ipBlock.cidr === "0.0.0.0/0"));
    assert.ok(open.some(({ ports }) => ports.some(({ port }) => port === 443)));
  });

  for (const [title, now, expected] of [
    ["outside a window", "2026-01-05T18:59:00Z", [2, 5]],
    ["in a window with 0 replicas, of which an autoscaler knows nothing", "2026-01-05T19:00:00Z", [1, 1]],
  ] as const)
    it(`creates the autoscaler with the bounds of now ${title}, and leaves them to the jobs`, async () => {
      const own = await declared(() => void eksService(keys, { now: () => new Date(now) }));
      const { inputs, options } = own.one(scaler);
      const { minReplicas, maxReplicas } = inputs.spec as { minReplicas: number; maxReplicas: number };
      assert.deepEqual([minReplicas, maxReplicas], expected);
      assert.deepEqual(options.ignoreChanges, ["spec.minReplicas", "spec.maxReplicas"]);
    });

  it("is nothing without a window", async () => {
    const own = await declared(() => void eksService({ replicas: { min: 2, max: 5 } }));
    for (const type of [job, "kubernetes:rbac.authorization.k8s.io/v1:Role"]) assert.deepEqual(own.all(type), []);
    assert.deepEqual(own.one(scaler).options.ignoreChanges, []);
  });
});
