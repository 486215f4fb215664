import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { KubernetesClient, KubernetesObject } from "../fakes/kubernetes-client";
import { temporaryFolder } from "../support/folder";
import { freePort } from "../support/free-port";
import { eksService } from "../unit/support/eks-program";
import { declared } from "../unit/support/mock-cloud";
import { startControllers } from "./support/controllers";
import { Emulator, emulatorIsMissing } from "./support/emulator";
import { KubeApi, missingKubeApi } from "./support/kube-api";
import { objectsOf } from "./support/planned-objects";
import { type PodOfScript, runScript, type ScriptProcess, startScript } from "./support/script-process";

const missing = missingKubeApi() ?? emulatorIsMissing();
if (missing) console.log(`  Request scaling: skipped, ${missing}`);

const namespace = "inference";
const day = { days: ["tue"], from: "08:00", to: "18:00", timeZone: "Europe/Berlin", min: 3, max: 9 };
const limitMs = 30_000;

interface StatefulSet extends KubernetesObject {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodOfScript } };
}
interface CronJob extends KubernetesObject {
  readonly spec: { readonly jobTemplate: { readonly spec: StatefulSet["spec"] } };
}

(missing ? describe.skip : describe)("Request scaling on a real API server", function () {
  this.timeout(180_000);
  let api: KubeApi;
  let client: KubernetesClient;
  let objects: KubernetesObject[];
  let emulator: Emulator;
  let agent: Server;
  let stopControllers = () => {};

  before(async () => {
    [api, emulator] = await Promise.all([KubeApi.start(), Emulator.start(async () => ({}))]);
    client = api.client;
    stopControllers = startControllers(api);
    const now = () => new Date("2026-06-03T12:00:00Z");
    const scaling = { requestsPerMinutePerReplica: 100 };
    const own = { scaling, schedule: { day }, replicas: { min: 2, max: 8 } };
    const plan = await declared(() => void eksService(own, { now }));
    const applied =
      /^(Namespace|ServiceAccount|Deployment|StatefulSet|HorizontalPodAutoscaler|CronJob|Role|RoleBinding)$/;
    objects = objectsOf(plan).filter(({ kind }) => applied.test(kind));
    for (const object of objects) {
      const { status, body } = await client.apply(object, "pulumi");
      assert.ok(status < 300, `${object.kind}: ${body.message}`);
    }
    agent = createServer((_request, response) => {
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.end(JSON.stringify({ AccessKeyId: "AK", SecretAccessKey: "SK", Token: "ST", Expiration }));
    });
    await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    agent?.close();
    emulator?.stop();
    stopControllers();
    api?.stop();
  });

  const of = (kind: string) => {
    const found = objects.find((object) => object.kind === kind);
    assert.ok(found, kind);
    return found;
  };
  const variables = () => {
    const tokenFile = join(temporaryFolder("identity"), "token");
    writeFileSync(tokenFile, "identity");
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(agent.address() as AddressInfo).port}`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      CLOUDWATCH_URL: emulator.url,
      EVERY_SECONDS: "0.2",
    };
  };
  const pod = () => (of("StatefulSet") as StatefulSet).spec.template;
  const start = (changed = {}) => startScript(client, namespace, pod().spec, { ...variables(), ...changed });
  const runJob = () => runScript(client, namespace, (of("CronJob") as CronJob).spec.jobTemplate.spec.template.spec);

  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/inference-eks`;
  const live = async () => {
    const { minReplicas, maxReplicas } = (await client.send("GET", path)).body.spec as Record<string, number>;
    return `${minReplicas}..${maxReplicas}`;
  };
  const untilIs = async <T>(read: () => Promise<T>, expected: T, said = () => "") => {
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(100)) if ((await read()) === expected) return;
    assert.equal(await read(), expected, said());
  };
  const until = (expected: string, { said }: ScriptProcess) => untilIs(live, expected, said);
  const replicas = async () => {
    const { body } = await client.send("GET", `/apis/apps/v1/namespaces/${namespace}/deployments/inference-eks`);
    return (body.spec as { replicas: number }).replicas;
  };
  /** The image of the request scaler's pod. */
  const image = async () => {
    const { body } = await client.send("GET", `/api/v1/namespaces/${namespace}/pods/eks-requests-0`);
    return (body.spec as { containers: { image: string }[] } | undefined)?.containers[0]?.image;
  };
  /** Until it has printed this, and then to its end. */
  const untilSaid = async (expected: RegExp, scaler: ScriptProcess) => {
    for (const end = Date.now() + limitMs; Date.now() < end && !expected.test(scaler.said()); ) await sleep(100);
    scaler.stop();
    assert.match((await scaler.ended).output, expected);
  };

  /** The same number in each of the last minutes and in the running one, which may be over when it is read. */
  const report = async (target: string, requests: number) => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const Dimensions = [
      { Name: "TargetGroup", Value: target },
      { Name: "LoadBalancer", Value: "app/inference/2" },
    ];
    const MetricData = [0, 1, 2, 3, 4, 5].map((ago) => ({
      MetricName: "RequestCount",
      Dimensions,
      Value: requests,
      Timestamp: new Date(minute - ago * 60_000),
    }));
    // Of the region that the request is signed for.
    const cloudWatch = new CloudWatchClient({ ...emulator.client, region: "eu-west-1" });
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: "AWS/ApplicationELB", MetricData }));
  };

  it("raises the minimum to what CloudWatch counts, with the rights of its account: the autoscaler follows, and a job changes only the base", async () => {
    await report("targetgroup/inference-eks/1", 640);
    const scaler = await start();
    try {
      await until("7..8", scaler);
      await untilIs(replicas, 7);
      const job = await runJob();
      assert.equal(job.code, 0, job.output);
      assert.equal(await live(), "7..9", "the base of the window, and what the requests ask for");
    } finally {
      scaler.stop();
    }
    const { code, output } = await scaler.ended;
    assert.equal(code, 0, output);
    assert.match(output, /^inference-eks: scales by requests\ninference-eks: minimum 2 is 7 now, after \d+ requests/);
  });

  it("lowers it to the base of now without requests", async () => {
    const scaler = await start({ TARGET_GROUP: "targetgroup/idle/1" });
    try {
      await until("3..9", scaler);
    } finally {
      scaler.stop();
    }
  });

  it("keeps the minimum when CloudWatch does not answer, and says so", async () => {
    const scaler = await start({ CLOUDWATCH_URL: `http://127.0.0.1:${await freePort()}` });
    await untilSaid(/the minimum stays as it is: fetch failed: .*ECONNREFUSED/, scaler);
    assert.equal(await live(), "3..9");
  });

  it("may touch no other autoscaler", async () => {
    const scaler = await start({ AUTOSCALER: "another" });
    await untilSaid(/403 .*cannot get resource \\?"horizontalpodautoscalers/, scaler);
  });

  it("an update without the key sets the declared bounds and takes the target from the request scaler, which then raises nothing", async () => {
    const plan = await declared(() => void eksService({ replicas: { min: 2, max: 8 } }));
    const autoscaler = objectsOf(plan).find(({ kind }) => kind === "HorizontalPodAutoscaler");
    assert.ok(autoscaler);
    await report("targetgroup/again/1", 640);
    const scaler = await start({ TARGET_GROUP: "targetgroup/again/1" });
    try {
      await until("7..9", scaler);
      assert.equal((await client.apply(autoscaler, "pulumi", true)).status, 200);
      assert.equal(await live(), "2..8");
      await sleep(1500);
      assert.equal(await live(), "2..8");
      const { annotations } = (await client.send("GET", path)).body.metadata as { annotations: object };
      assert.deepEqual(annotations, { "pulumi.com/patchForce": "true" });
    } finally {
      scaler.stop();
    }
  });

  it("an update replaces a pod that never starts", async () => {
    const set = of("StatefulSet") as StatefulSet;
    const [container] = pod().spec.containers;
    await untilIs(image, "repository@sha256:0");
    const spec = { ...pod().spec, containers: [{ ...container, image: "repository@sha256:1" }] };
    const fixed = { ...set, spec: { ...set.spec, template: { ...pod(), spec } } };
    assert.equal((await client.apply(fixed, "pulumi")).status, 200);
    await untilIs(image, "repository@sha256:1");
  });

  it("the namespace admits its pod under the restricted Pod Security Standard", async () => {
    const { metadata, spec } = pod();
    const object = { apiVersion: "v1", kind: "Pod", spec, metadata: { ...metadata, name: "scaler", namespace } };
    const { status, body } = await client.apply(object as KubernetesObject, "test");
    assert.ok(status < 300, body.message);
  });
});
