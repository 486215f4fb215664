import assert from "node:assert/strict";
import type { KubernetesClient, KubernetesObject } from "../fakes/kubernetes-client";
import { eksService } from "../unit/support/eks-program";
import { declared } from "../unit/support/mock-cloud";
import { KubeApi, missingKubeApi } from "./support/kube-api";
import { objectsOf } from "./support/planned-objects";
import { type PodOfScript, runScript } from "./support/script-process";

const missing = missingKubeApi();
if (missing) console.log(`  Schedule: skipped, ${missing}`);

const namespace = "inference";
const night = { days: ["mon"], from: "20:00", to: "06:30", timeZone: "Europe/Berlin", min: 0, max: 0 };
const day = { days: ["tue"], from: "08:00", to: "18:00", timeZone: "Europe/Berlin", min: 3, max: 9 };

interface CronJob extends KubernetesObject {
  readonly spec: {
    readonly timeZone: string;
    readonly jobTemplate: {
      readonly spec: {
        readonly template: { readonly metadata: object; readonly spec: PodOfScript };
      };
    };
  };
}

(missing ? describe.skip : describe)("Schedule on a real API server", function () {
  this.timeout(180_000);
  let api: KubeApi;
  let client: KubernetesClient;
  let objects: KubernetesObject[];
  const jobNamed = (end: string) => {
    const found = objects.find(({ kind, metadata }) => kind === "CronJob" && metadata.name.endsWith(end));
    assert.ok(found, end);
    return found as CronJob;
  };

  before(async () => {
    api = await KubeApi.start();
    client = api.client;
    // A Wednesday, when no window is open: an update begins with the bounds of its moment.
    const now = () => new Date("2026-06-03T12:00:00Z");
    const own = { schedule: { night, day }, replicas: { min: 2, max: 5 } };
    const plan = await declared(() => void eksService(own, { now }));
    const applied = /^(Namespace|ServiceAccount|Deployment|HorizontalPodAutoscaler|CronJob|Role|RoleBinding)$/;
    objects = objectsOf(plan).filter(({ kind }) => applied.test(kind));
    for (const object of objects) {
      const { status, body } = await client.apply(object, "pulumi");
      assert.ok(status < 300, `${object.kind}: ${body.message}`);
    }
  });
  after(() => api?.stop());

  const run = (job: CronJob, changed: Readonly<Record<string, string>> = {}) =>
    runScript(client, namespace, job.spec.jobTemplate.spec.template.spec, changed);

  const scalerPath = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/inference-eks`;
  const scalePath = `/apis/apps/v1/namespaces/${namespace}/deployments/inference-eks/scale`;
  const live = async () => {
    const { minReplicas, maxReplicas } = (await client.send("GET", scalerPath)).body.spec as Record<string, number>;
    const { replicas = 0 } = (await client.send("GET", scalePath)).body.spec as { replicas?: number };
    return { bounds: `${minReplicas}..${maxReplicas}`, replicas };
  };

  it("a job sets the bounds of its window and leaves the count to the autoscaler", async () => {
    assert.deepEqual(await live(), { bounds: "2..5", replicas: 2 });
    const { code, output } = await run(jobNamed("day-open"));
    assert.equal(code, 0, output);
    assert.deepEqual(await live(), { bounds: "3..9", replicas: 2 });
  });

  it("a job of a window with 0 replicas scales the Deployment itself", async () => {
    const { code, output } = await run(jobNamed("night-open"));
    assert.equal(code, 0, output);
    assert.deepEqual(await live(), { bounds: "3..9", replicas: 0 });
  });

  it("the job at its end wakes the least replicas of the usual bounds", async () => {
    const { code, output } = await run(jobNamed("night-close"));
    assert.equal(code, 0, output);
    assert.deepEqual(await live(), { bounds: "2..5", replicas: 2 });
  });

  it("the last writer sets the bounds, so an update that leaves them out does not change them", async () => {
    await run(jobNamed("day-open"));
    const { managedFields } = (await client.send("GET", scalerPath)).body.metadata as {
      managedFields: { manager: string; fieldsV1: { "f:spec"?: object } }[];
    };
    const owners = managedFields.filter(({ fieldsV1 }) => "f:minReplicas" in (fieldsV1["f:spec"] ?? {}));
    assert.deepEqual(
      owners.map(({ manager }) => manager),
      ["inference-schedule"],
    );
    const scaler = objects.find(({ kind }) => kind === "HorizontalPodAutoscaler") as KubernetesObject & {
      spec: object;
    };
    const { minReplicas: _min, maxReplicas: _max, ...spec } = scaler.spec as Record<string, unknown>;
    const updated = { ...scaler, spec: { ...spec, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } } };
    assert.equal((await client.apply(updated as unknown as KubernetesObject, "pulumi", true)).status, 200);
    assert.equal((await live()).bounds, "3..9");
  });

  it("the account of the jobs may touch no other object", async () => {
    const { code, output } = await run(jobNamed("day-open"), { AUTOSCALER: "another" });
    assert.equal(code, 1, output);
    assert.match(output, /403 .*cannot get resource \\?"horizontalpodautoscalers/);
    const other = await run(jobNamed("night-open"), { DEPLOYMENT: "another" });
    assert.match(other.output, /403 .*cannot patch resource \\?"deployments\/scale/);
  });

  it("the namespace admits the pod of a job under the restricted Pod Security Standard", async () => {
    const { template } = jobNamed("night-open").spec.jobTemplate.spec;
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      ...template,
      metadata: { ...template.metadata, name: "job", namespace },
    };
    const { status, body } = await client.apply(pod as unknown as KubernetesObject, "test");
    assert.ok(status < 300, body.message);
  });

  it("the API server refuses a time zone that does not exist", async () => {
    const job = jobNamed("night-open");
    const wrong = { ...job, spec: { ...job.spec, timeZone: "Europe/Berln" } };
    const { body } = await client.apply(wrong, "pulumi");
    assert.match(String(body.message), /unknown time zone Europe\/Berln/);
  });
});
