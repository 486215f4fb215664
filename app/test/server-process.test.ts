import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import path from "node:path";
import { cpuFlags } from "../src/cpu-flags";
import { classify, photo } from "./support/classify";
import { backends, openvinoFolder, skipWithoutLibrary } from "./support/openvino";
import { photoClasses } from "./support/photo-classes";
import { RawClient } from "./support/raw-client";
import { ServerProcess } from "./support/server-process";
import { writeTabularModel } from "./support/tabular-model";

interface Version {
  model: { runtime: string; precision: string };
}

const hasBf16 = ["avx512_bf16", "amx_bf16"].some((flag) => cpuFlags().has(flag));

async function seenBy(server: ServerProcess): Promise<Record<string, string>> {
  const url = `${await server.url()}/predict?top=1`;
  const seen: Record<string, string> = {};
  for (const name of Object.keys(photoClasses)) {
    const { answer } = await classify(url, photo(name));
    seen[name] = answer.predictions[0]?.class.split(", ")[0] ?? "";
  }
  return seen;
}

describe("the server as a process", () => {
  let server: ServerProcess;
  afterEach(() => server?.stop());

  for (const { backend, variables } of backends) {
    for (const precision of ["fp32", "int8"]) {
      it(`calls every shipped photo by its name (${precision}, ${backend})`, async function () {
        skipWithoutLibrary(this, backend);
        server = await ServerProcess.ready({ ...variables, MODEL_PRECISION: precision });
        assert.deepEqual(await seenBy(server), photoClasses);
        const { model } = (await (await fetch(`${await server.url()}/version`)).json()) as Version;
        assert.deepEqual([model.runtime, model.precision], [backend, precision]);
      }).timeout(60_000);
    }
  }

  it("calls every shipped photo by its name, and says whether it runs in bf16", async function () {
    skipWithoutLibrary(this, "openvino");
    server = await ServerProcess.ready({ MODEL_PRECISION: "bf16", OPENVINO_FOLDER: openvinoFolder });
    assert.deepEqual(await seenBy(server), photoClasses);
    const { runtime, precision } = await server.line(({ msg }) => msg === "ready");
    const expected = hasBf16 ? ["openvino", "bf16"] : ["onnxruntime", "fp32"];
    assert.deepEqual([runtime, precision], expected);
    assert.equal(server.lines.filter(({ level }) => level === "warn").length, hasBf16 ? 0 : 1);
  }).timeout(60_000);

  it("runs in fp32 where bf16 cannot be had, and says so", async () => {
    server = await ServerProcess.ready({ MODEL_PRECISION: "bf16", OPENVINO_FOLDER: "/nowhere" });
    const { runtime, precision } = await server.line(({ msg }) => msg === "ready");
    assert.deepEqual([runtime, precision], ["onnxruntime", "fp32"]);
    const { reason } = await server.line(({ level }) => level === "warn");
    assert.match(String(reason), /^OpenVINO is not installed/);
  });

  for (const [precision, mostOnTwoCpus] of [
    ["fp32", 16],
    ["int8", 32],
  ] as const) {
    it(`takes ${mostOnTwoCpus} predictions at once on two CPUs, and runs two (${precision})`, async () => {
      server = await ServerProcess.ready({ MODEL_PRECISION: precision });
      const { max_in_flight, workers, threads } = await server.line(({ msg }) => msg === "ready");
      assert.deepEqual([max_in_flight, workers, threads], [mostOnTwoCpus, 2, 1]);
    });
  }

  it("lets the thread of HTTP go before those that infer, and these before those that decode", async function () {
    if (process.platform !== "linux") this.skip();
    server = await ServerProcess.ready({ MODEL_PRECISION: "fp32" });
    const { workers } = await server.line(({ msg }) => msg === "ready");
    await classify(`${await server.url()}/predict`, photo("rocket.jpg"));
    const own = getPriority();
    const threads = readdirSync(`/proc/${server.child.pid}/task`).map(Number);
    const standingBack = (by: number) => threads.filter((thread) => getPriority(thread) === Math.min(own + by, 19));
    assert.equal(getPriority(server.child.pid), own);
    assert.ok(
      standingBack(5).length >= Number(workers),
      `${standingBack(5).length} of ${threads.length} threads infer`,
    );
    const libuvs = 4;
    assert.ok(standingBack(10).length > libuvs, `${standingBack(10).length} of ${threads.length} threads decode`);
    const nameOf = (thread: number) => readFileSync(`/proc/${server.child.pid}/task/${thread}/comm`, "utf8").trim();
    const ofLibvips = threads.filter((thread) => nameOf(thread) === "libvips worker");
    assert.deepEqual(
      ofLibvips.map(getPriority),
      ofLibvips.map(() => Math.min(own + 10, 19)),
    );
  });

  for (const [what, env, most] of [
    ["as many predictions at once as MAX_IN_FLIGHT says", { MAX_IN_FLIGHT: "3" }, 3],
    ["two predictions at once on the smallest share of a CPU", { CPU_UNITS: "128" }, 2],
  ] as const) {
    it(`takes ${what}`, async () => {
      server = await ServerProcess.ready({ MODEL_URI: writeTabularModel(), ...env });
      assert.equal((await server.line(({ msg }) => msg === "ready")).max_in_flight, most);
    });
  }

  for (const { backend, variables } of backends) {
    it(`takes in fewer than MAX_IN_FLIGHT when its own pace says that they would wait too long (${backend})`, async function () {
      skipWithoutLibrary(this, backend);
      server = await ServerProcess.ready({ ...variables, MAX_IN_FLIGHT: "200", CPU_UNITS: "1024" });
      const picture = photo("screwdriver.webp");
      await classify(`${await server.url()}/predict`, picture);
      const port = await server.port();
      const head = `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/webp\r\ncontent-length: ${picture.length}\r\n\r\n`;
      // A machine that classified 200 in 0.75 s on one CPU would take all.
      const callers = Array.from({ length: 200 }, () => new RawClient(port).send(head).send(picture));
      await Promise.any(callers.map((caller) => caller.until("predictions are already under way")));
      for (const { socket } of callers) socket.destroy();
    });
  }

  it("takes SageMaker's argument, and answers under the prefix", async () => {
    server = await ServerProcess.ready({ PATH_PREFIX: "/models/cats" }, ["serve"]);
    const url = await server.url();
    assert.equal((await fetch(`${url}/ping`)).status, 200);
    assert.equal((await classify(`${url}/models/cats/invocations`, photo("chelsea.png"))).status, 200);
  });

  it("writes its requests to the log with their ids", async () => {
    server = await ServerProcess.ready();
    await classify(`${await server.url()}/predict`, photo("chelsea.png"), { "x-request-id": "cat-1" });
    const line = await server.line(({ msg }) => msg === "prediction");
    assert.deepEqual([line.level, line.request_id, line.status, line.outcome], ["info", "cat-1", 200, "ok"]);
  });

  it("writes its metrics when EMF is 1, at intervals and at the end", async () => {
    server = await ServerProcess.ready({ EMF: "1" });
    const url = `${await server.url()}/predict`;
    await classify(url, photo("chelsea.png"));
    await server.line(({ _aws }) => _aws !== undefined);
    await classify(url, photo("chelsea.png"));
    server.signal("SIGTERM");
    assert.equal(await server.exitCode(), 0);
    const written = server.lines.filter(({ _aws }) => _aws).map(({ Model, Predictions }) => [Model, Predictions]);
    assert.deepEqual(written, [
      ["efficientnet-lite0", [1]],
      ["efficientnet-lite0", [1]],
    ]);
  });

  it("writes no such metrics without EMF", async () => {
    server = await ServerProcess.ready({ MODEL_URI: writeTabularModel() });
    const body = JSON.stringify({ features: [1, 2, 3, 4] });
    await fetch(`${await server.url()}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    server.signal("SIGTERM");
    assert.equal(await server.exitCode(), 0);
    assert.ok(!server.lines.some(({ _aws }) => _aws));
  });

  it("shows Prometheus its model, its batches and how long inputs waited", async () => {
    server = await ServerProcess.ready();
    await classify(`${await server.url()}/predict`, photo("chelsea.png"));
    const metrics = await (await fetch(`${await server.url()}/metrics`)).text();
    for (const sample of [
      /^model_info\{name="efficientnet-lite0",version="1\.0\.0",runtime="onnxruntime",precision="fp32",sha256="[0-9a-f]{64}"\} 1$/m,
      /^inference_batch_size_sum 1$/m,
      /^inference_queue_seconds_count 1$/m,
      /^inference_latency_seconds_count 1$/m,
      /^inference_requests_total\{outcome="ok"\} 1$/m,
    ]) {
      assert.match(metrics, sample);
    }
  });

  it("passes the image's own health check while it answers, and fails it after", async () => {
    server = await ServerProcess.ready({ MODEL_URI: writeTabularModel() });
    const check = async () => {
      const checking = spawn(process.execPath, [path.join(__dirname, "..", "dist", "health-check.js")], {
        env: { PORT: String(new URL(await server.url()).port) },
      });
      return (await once(checking, "exit"))[0];
    };
    assert.equal(await check(), 0);
    await server.stop();
    assert.equal(await check(), 1);
  });
});
