import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { photoClasses } from "./support/photo-classes";
import { RawClient } from "./support/raw-client";
import { ServerProcess } from "./support/server-process";
import { writeTabularModel } from "./support/tabular-model";

const photosFolder = path.join(__dirname, "..", "photos");
const photo = (name: string) => readFileSync(path.join(photosFolder, name));

interface Answer {
  predictions: { class: string }[];
  prediction: number | string | number[];
  model_version: string;
  error: string;
  code: string;
}

async function classify(url: string, picture: Buffer, headers: Record<string, string> = {}) {
  const options = {
    method: "POST",
    headers: { "content-type": "image/jpeg", ...headers },
    body: new Uint8Array(picture),
  };
  const response = await fetch(url, options);
  return { status: response.status, answer: (await response.json()) as Answer };
}

describe("the server as a process", () => {
  let server: ServerProcess;
  afterEach(() => server.stop());

  for (const [precision, mostOnTwoCpus] of [
    ["fp32", 16],
    ["int8", 32],
  ] as const) {
    it(`calls every shipped photo by its name (${precision})`, async () => {
      server = await ServerProcess.ready({ MODEL_PRECISION: precision });
      const url = `${await server.url()}/predict?top=1`;
      const seen: Record<string, string> = {};
      for (const name of Object.keys(photoClasses)) {
        const { answer } = await classify(url, photo(name));
        seen[name] = answer.predictions[0]?.class.split(", ")[0] ?? "";
      }
      assert.deepEqual(seen, photoClasses);
    }).timeout(60_000);

    it(`takes ${mostOnTwoCpus} predictions at once on two CPUs (${precision})`, async () => {
      server = await ServerProcess.ready({ MODEL_PRECISION: precision });
      const { max_in_flight, threads } = await server.line(({ msg }) => msg === "ready");
      assert.deepEqual([max_in_flight, threads], [mostOnTwoCpus, 2]);
    });
  }

  for (const [what, env, most] of [
    ["as many predictions at once as MAX_IN_FLIGHT says", { MAX_IN_FLIGHT: "3" }, 3],
    ["two predictions at once on the smallest share of a CPU", { CPU_UNITS: "128" }, 2],
  ] as const) {
    it(`takes ${what}`, async () => {
      server = await ServerProcess.ready({ MODEL_URI: writeTabularModel(), ...env });
      assert.equal((await server.line(({ msg }) => msg === "ready")).max_in_flight, most);
    });
  }

  it("takes in fewer than MAX_IN_FLIGHT when its own pace says that they would wait too long", async () => {
    server = await ServerProcess.ready({ MAX_IN_FLIGHT: "1000", THREADS: "1" });
    await classify(`${await server.url()}/predict`, photo("chelsea.png"));
    const port = await server.port();
    const head = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 1000\r\n\r\n";
    // A caller is under way before its body has come. A machine that classified 400 in 0.8 s on one thread would take all.
    const callers = Array.from({ length: 400 }, () => new RawClient(port).send(head));
    await Promise.any(callers.map((caller) => caller.until('"overloaded"')));
    for (const { socket } of callers) socket.destroy();
  });

  it("takes SageMaker's argument, and answers under the prefix", async () => {
    server = await ServerProcess.ready({ PATH_PREFIX: "/models/cats" }, ["serve"]);
    const url = await server.url();
    assert.equal((await fetch(`${url}/ping`)).status, 200);
    assert.equal((await classify(`${url}/models/cats/invocations`, photo("chelsea.png"))).status, 200);
  });

  it("writes its requests to the log with their ids, and its metrics when EMF is 1", async () => {
    server = await ServerProcess.ready({ EMF: "1" });
    await classify(`${await server.url()}/predict`, photo("chelsea.png"), { "x-request-id": "cat-1" });
    const line = await server.line(({ msg }) => msg === "prediction");
    assert.deepEqual([line.level, line.request_id, line.status, line.outcome], ["info", "cat-1", 200, "ok"]);
    server.signal("SIGTERM");
    assert.equal(await server.exitCode(), 0);
    const metrics = server.lines.find((one) => one._aws);
    assert.deepEqual([metrics?.Model, metrics?.Predictions], ["efficientnet-lite0", [1]]);
  });

  it("tells Prometheus of its model, its batches and how long inputs waited", async () => {
    server = await ServerProcess.ready();
    await classify(`${await server.url()}/predict`, photo("chelsea.png"));
    const metrics = await (await fetch(`${await server.url()}/metrics`)).text();
    for (const sample of [
      /^model_info\{name="efficientnet-lite0",version="1\.0\.0",precision="fp32",sha256="[0-9a-f]{64}"\} 1$/m,
      /^inference_batch_size_sum 1$/m,
      /^inference_queue_seconds_count 1$/m,
      /^inference_latency_seconds_count 1$/m,
      /^inference_requests_total\{outcome="ok"\} 1$/m,
    ]) {
      assert.match(metrics, sample);
    }
  });

  it("is found healthy by the image's own check while it answers, and not after", async () => {
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

  it("exits with 0 on a SIGTERM that comes while the model loads: the runtime would abort a process that just ends", async () => {
    for (let round = 0; round < 3; round++) {
      server = ServerProcess.run();
      await server.url();
      server.signal("SIGTERM");
      assert.equal(await server.exitCode(), 0, server.stderr);
    }
  });

  it("finishes what is under way after SIGTERM, refuses what is new, and exits with 0", async () => {
    server = await ServerProcess.ready();
    const port = await server.port();
    const cat = photo("chelsea.png");
    const head = `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: ${cat.length}\r\n\r\n`;
    const late = new RawClient(port).send(head).send(cat.subarray(0, 1000));
    const idle = new RawClient(port).send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    await idle.until("healthy");
    while (!(await (await fetch(`${await server.url()}/metrics`)).text()).includes("inference_in_flight 1"));
    server.signal("SIGTERM");
    await server.line(({ msg }) => msg === "shutting down");
    assert.equal((await fetch(`${await server.url()}/ready`)).status, 503);
    assert.deepEqual((await classify(`${await server.url()}/predict`, cat)).answer.code, "draining");
    late.send(cat.subarray(1000));
    await late.until("Egyptian cat");
    assert.match(late.received, /^HTTP\/1\.1 200 /);
    assert.match(late.received, /connection: close/i);
    assert.equal(await server.exitCode(), 0);
  });

  it("exits with 0 when the drain time is over, though a caller never finishes", async () => {
    server = await ServerProcess.ready({ DRAIN_SECONDS: "1" });
    const stuck = new RawClient(await server.port());
    stuck.send("POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 1000\r\n\r\n");
    while (!(await (await fetch(`${await server.url()}/metrics`)).text()).includes("inference_in_flight 1"));
    server.signal("SIGTERM");
    assert.equal(await server.exitCode(), 0);
    assert.ok(server.lines.some(({ msg }) => msg === "DRAIN_SECONDS (1) are over; the rest is cut off"));
  });

  const fatal: [string, Record<string, string>, string[], RegExp][] = [
    ["an argument it does not know", {}, ["train"], /^the arguments are "train"; expected none, or serve$/],
    ["two mistakes in the environment", { PORT: "x", EMF: "2" }, [], /^PORT is "x"; .*; EMF is "2"; expected 0, 1$/],
    ["a model that is not there", { MODEL_URI: "/nowhere" }, [], /^MODEL_URI is "\/nowhere"; expected a model folder/],
    [
      "a folder that is no model",
      { MODEL_URI: mkdtempSync(path.join(tmpdir(), "empty-")) },
      [],
      /there is no such file; a model is/,
    ],
  ];
  for (const [what, env, args, message] of fatal) {
    it(`ends with one line and exit code 1 for ${what}`, async () => {
      server = ServerProcess.run(env, args);
      assert.equal(await server.exitCode(), 1);
      assert.equal(server.stderr, "");
      assert.deepEqual(
        server.lines.map(({ level }) => level),
        ["fatal"],
      );
      assert.match(server.lines[0]?.msg ?? "", message);
      assert.equal(server.lines[0]?.err, undefined);
    });
  }

  it("ends with one line and exit code 1 when its port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    server = ServerProcess.run({ PORT: String(port) });
    assert.equal(await server.exitCode(), 1);
    taken.close();
    assert.match(server.lines.at(-1)?.msg ?? "", /PORT \d+ cannot be listened on: EADDRINUSE/);
  });

  const ask = async (features: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${await server.url()}/predict`, {
      method: "POST",
      headers,
      body: JSON.stringify({ features }),
    });
    return { status: response.status, answer: (await response.json()) as Answer };
  };

  it("serves a model of numbers", async () => {
    server = await ServerProcess.ready({ MODEL_URI: writeTabularModel() });
    const { status, answer } = await ask([1, 2, 3, 4]);
    assert.equal(status, 200);
    assert.deepEqual(answer.prediction, [10, 20, 30]);
    assert.equal(answer.model_version, "2.1");
    assert.equal((await fetch(`${await server.url()}/`)).status, 404);
    for (const wrong of [[1, 2, 3], [1, 2, 3, "4"], "1234", undefined]) {
      const refused = await ask(wrong);
      assert.equal(refused.status, 400);
      assert.match(refused.answer.error, /expected 4 numbers/);
    }
    assert.equal((await classify(`${await server.url()}/predict`, photo("chelsea.png"))).status, 415);
  });

  it("answers a label when the model of numbers has labels", async () => {
    server = await ServerProcess.ready({ MODEL_URI: writeTabularModel({ labels: ["low", "middle", "high"] }) });
    assert.equal((await ask([1, 1, 1, 1])).answer.prediction, "high");
    assert.equal((await ask([-1, -1, -1, -1])).answer.prediction, "low");
  });

  it("answers the output the manifest names, integers too", async () => {
    server = await ServerProcess.ready({ MODEL_URI: writeTabularModel({ manifest: { outputName: "best" } }) });
    assert.equal((await ask([1, 1, 1, 1])).answer.prediction, 2);
  });

  it("serves a model exported with a fixed batch of one, many callers at once", async () => {
    server = await ServerProcess.ready({ MODEL_URI: writeTabularModel({ batch: 1 }) });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((value) => ask([value, 0, 0, 0])));
    assert.deepEqual(
      answers.map(({ answer }) => (answer.prediction as number[])[0]),
      [1, 2, 3, 4, 5, 6],
    );
  });

  const unfit: [string, () => string, RegExp][] = [
    [
      "labels that do not fit",
      () => writeTabularModel({ labels: ["a", "b"] }),
      /puts out 3 numbers, but its labels file has 2 lines/,
    ],
    [
      "a width that does not fit",
      () => writeTabularModel({ manifest: { features: 5 } }),
      /model\.onnx does not run: .*5/,
    ],
    [
      "a second input",
      () => writeTabularModel({ secondInput: "mask" }),
      /model\.onnx does not run: it has the inputs features, mask; expected one$/,
    ],
    [
      "a batch it cannot fill",
      () => writeTabularModel({ batch: 3 }),
      /takes 3 inputs at once; export it with a free batch/,
    ],
  ];
  for (const [what, folder, message] of unfit) {
    it(`ends with one line and exit code 1 for a model with ${what}`, async () => {
      server = ServerProcess.run({ MODEL_URI: folder() });
      assert.equal(await server.exitCode(), 1);
      assert.match(server.lines.at(-1)?.msg ?? "", message);
    });
  }
});
