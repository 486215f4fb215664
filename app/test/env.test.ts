import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { cpuShare } from "../src/cpu-share";
import { readEnv } from "../src/env";
import { temporaryFolder } from "./support/folder";

describe("readEnv", () => {
  it("has a default for everything", () => {
    const env = readEnv({});
    assert.equal(env.port, 8080);
    assert.equal(env.host, "0.0.0.0");
    assert.equal(path.basename(env.modelUri), "efficientnet-lite0");
    assert.equal(env.bodyLimitBytes, 10 * 1024 * 1024);
    assert.deepEqual([env.drainSeconds, env.lingerSeconds], [25, 0]);
    assert.equal(env.emf, false);
  });

  it("takes the model that the platform put into its folder, when there is one", () => {
    const folder = temporaryFolder("platform");
    assert.equal(path.basename(readEnv({}, folder).modelUri), "efficientnet-lite0");
    writeFileSync(path.join(folder, "manifest.json"), "{}");
    assert.equal(readEnv({}, folder).modelUri, folder);
    assert.equal(readEnv({ MODEL_URI: "/elsewhere" }, folder).modelUri, "/elsewhere");
  });

  it("treats an empty variable as unset", () => {
    assert.deepEqual(readEnv({ PORT: "", PATH_PREFIX: "" }), readEnv({}));
  });

  it("reports every problem at once, each with its value and what is expected", () => {
    const wrong = {
      PORT: "http",
      MODEL_PRECISION: "fp16",
      MODEL_RUNTIME: "torch",
      PATH_PREFIX: "models/",
      EMF: "yes",
      THREADS: "0",
    };
    assert.throws(() => readEnv(wrong), {
      message: [
        'MODEL_PRECISION is "fp16"; expected fp32, int8, bf16',
        'THREADS is "0"; expected a whole number from 1 to 64',
        'PORT is "http"; expected a whole number from 0 to 65535',
        'MODEL_RUNTIME is "torch"; expected auto, onnxruntime, openvino',
        'PATH_PREFIX is "models/"; expected a path such as /models/cats',
        'EMF is "yes"; expected 0, 1',
      ].join("; "),
    });
  });

  it("refuses to linger for as long as it may take to exit", () => {
    assert.throws(() => readEnv({ LINGER_SECONDS: "25" }), {
      message: "LINGER_SECONDS is 25; expected less than DRAIN_SECONDS (25)",
    });
  });

  for (const [cpuUnits, asked, workers, threads] of [
    ["256", {}, 1, 1],
    ["1024", {}, 1, 1],
    ["1536", {}, 1, 1],
    ["2048", {}, 2, 1],
    ["3072", {}, 2, 1],
    ["4096", {}, 2, 2],
    ["4096", { WORKERS: "1" }, 1, 4],
    ["4096", { WORKERS: "4" }, 4, 1],
    ["2048", { THREADS: "2" }, 1, 2],
    ["4096", { THREADS: "2" }, 2, 2],
  ] as const) {
    const told = Object.entries(asked).map((pair) => `, told ${pair.join("=")}`);
    it(`makes ${workers} workers of ${threads} threads out of ${cpuUnits} CPU units${told}`, () => {
      const env = readEnv({ CPU_UNITS: cpuUnits, ...asked });
      assert.deepEqual([env.workers, env.threads], [workers, threads]);
    });
  }
});

describe("WIDE_THREADS", () => {
  for (const [source, threads] of [
    [{ CPU_UNITS: "1024" }, 0],
    [{ CPU_UNITS: "2048" }, 2],
    [{ CPU_UNITS: "2048", WORKERS: "1" }, 0],
    [{ CPU_UNITS: "2048", WORKERS: "2", THREADS: "2" }, 0],
    [{ CPU_UNITS: "4096" }, 4],
    [{ CPU_UNITS: "2048", WIDE_THREADS: "0" }, 0],
  ] as const) {
    it(`is ${threads} with ${JSON.stringify(source)}`, () => assert.equal(readEnv(source).wideThreads, threads));
  }
});

describe("cpuShare", () => {
  const file = path.join(temporaryFolder("cgroup"), "cpu.max");

  it("is what the platform says, first of all", () => {
    writeFileSync(file, "100000 100000\n");
    assert.equal(cpuShare(512, file), 0.5);
  });

  it("is the cgroup's quota when there is one", () => {
    writeFileSync(file, "50000 100000\n");
    assert.equal(cpuShare(undefined, file), 0.5);
  });

  it("is no more than the machine has", () => {
    writeFileSync(file, "100000000 100000\n");
    assert.equal(cpuShare(undefined, file), availableParallelism());
  });

  it("is the machine's CPUs when the cgroup has no limit or there is none", () => {
    writeFileSync(file, "max 100000\n");
    assert.equal(cpuShare(undefined, file), availableParallelism());
    assert.equal(cpuShare(undefined, `${file}.absent`), availableParallelism());
  });
});
