import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { heapMiB } from "../../tools/start/replica";
import { appFolder } from "./support/engine";
import { imageUnderTest } from "./support/image-under-test";
import { RunningContainer, taskSpec } from "./support/running-container";

interface Prediction {
  predictions: { class: string; class_id: number; confidence: number }[];
  latency_seconds: number;
  model: string;
  model_version: string;
}

describe("The container under the limits of its task", function () {
  this.timeout(120_000);
  const image = imageUnderTest();
  const spec = taskSpec();
  let container: RunningContainer;
  let cat: Buffer;

  before(async () => {
    cat = await readFile(join(appFolder, "photos/chelsea.png"));
    container = await RunningContainer.start(image, { extra: ["--health-interval=1s"] });
  });
  after(() => container?.remove());

  const post = (path: string, type: string | undefined, body: RequestInit["body"]) =>
    fetch(container.url + path, { method: "POST", body, headers: type === undefined ? {} : { "content-type": type } });

  async function assertCat(response: Response): Promise<void> {
    assert.equal(response.status, 200, await response.clone().text());
    const { predictions, ...answer } = (await response.json()) as Prediction;
    assert.match(predictions[0]?.class ?? "", /cat/i);
    assert.ok((predictions[0]?.confidence ?? 0) > 0.2);
    assert.ok(answer.latency_seconds > 0 && answer.model !== "" && answer.model_version !== "");
  }

  const form = (field: string) => {
    const data = new FormData();
    data.append(field, new Blob([cat], { type: "image/png" }), "cat.png");
    return data;
  };

  for (const path of ["/predict", "/invocations"]) {
    describe(`POST ${path}`, () => {
      for (const field of ["file", "image"]) {
        it(`POST ${path} classifies the cat in the form field ${field}`, async () =>
          assertCat(await post(path, undefined, form(field))));
      }
      it(`POST ${path} classifies the cat in a raw image`, async () => assertCat(await post(path, "image/png", cat)));
      it(`POST ${path} classifies the cat in JSON`, async () =>
        assertCat(await post(path, "application/json", JSON.stringify({ image: cat.toString("base64") }))));
    });
  }

  it("POST /predict?top=3 returns three classes", async () => {
    const response = await post("/predict?top=3", "image/png", cat);
    assert.equal(((await response.json()) as Prediction).predictions.length, 3);
  });

  for (const [name, type, body, status] of [
    ["a body that is no image", "image/png", "not a picture", 400],
    ["an unknown type", "text/plain", "cat", 415],
    ["a body over the limit", "image/png", Buffer.alloc(11 * 1024 * 1024), 413],
  ] as const) {
    it(`POST /predict refuses ${name} with ${status}`, async () =>
      assert.equal((await post("/predict", type, body)).status, status));
  }

  for (const path of [spec.paths.readiness, spec.paths.liveness, "/ping", "/version", "/metrics", "/"]) {
    it(`GET ${path} answers 200`, async () => assert.equal((await fetch(container.url + path)).status, 200));
  }

  it("GET /metrics counts the answered requests", async () => {
    await post("/predict", "image/png", cat);
    assert.match(await (await fetch(`${container.url}/metrics`)).text(), /^inference_requests_total\{.*\} [1-9]/m);
  });

  it("the response has the x-request-id of the request", async () => {
    const response = await fetch(`${container.url}/version`, { headers: { "x-request-id": "from-the-caller" } });
    assert.equal(response.headers.get("x-request-id"), "from-the-caller");
  });

  it("the image's health check passes", async () => {
    for (let waited = 0; waited < 30 && (await container.state("Health.Status")) !== "healthy"; waited++)
      await sleep(1000);
    assert.equal(await container.state("Health.Status"), "healthy");
  });

  it("the container has the same heap limit as with npm start", async () => {
    const limit = "require('node:v8').getHeapStatistics().heap_size_limit / 1048576";
    const own = await container.execute("node", "-p", limit);
    const given = await container.execute("node", `--max-old-space-size=${heapMiB(spec.memoryMiB)}`, "-p", limit);
    assert.equal(given, own);
  });

  it("the container has no capabilities and can write only to its volume", async () => {
    const status = await container.execute("cat", "/proc/1/status");
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, new RegExp(`^Uid:\\s+${spec.user?.uid}\\s`, "m"));
    await assert.rejects(container.execute("touch", "/opt/file"), /Read-only file system/);
    await container.execute("touch", `${spec.writablePaths[0]}/file`);
  });
});

describe("The container on other platforms", function () {
  this.timeout(120_000);
  const image = imageUnderTest();

  it("the container starts with SageMaker's argument serve", async () => {
    const container = await RunningContainer.start(image, { command: ["serve"] });
    try {
      assert.equal((await fetch(`${container.url}/ping`)).status, 200);
    } finally {
      await container.remove();
    }
  });

  it("the container can write to a volume that root owns, as on Fargate", async () => {
    const [path = ""] = taskSpec().writablePaths;
    const volume = (await image.docker.run(["volume", "create"], { limitSeconds: 30 })).trim();
    const mounted = `--volume=${volume}:${path}`;
    try {
      const stat = ["--entrypoint=stat", image.id, "-c", "%u:%a", path];
      const before = await image.docker.run(["run", "--rm", `${mounted}:nocopy`, ...stat], { limitSeconds: 60 });
      assert.equal(before.trim(), "0:755");
      const container = await RunningContainer.start(image, { extra: [mounted] });
      try {
        await container.execute("touch", `${path}/file`);
      } finally {
        await container.remove();
      }
    } finally {
      await image.docker.run(["volume", "rm", "--force", volume], { limitSeconds: 30 });
    }
  });
});
