import assert from "node:assert/strict";
import { cpus } from "node:os";
import { serviceSpec } from "../../../../components/core/service-spec";
import { UserError } from "../../../../tools/cli/user-error";
import { mebibytes } from "../../../../tools/container/running-container";
import type { Measured, Recording } from "../../../../tools/load/recording";
import { readArguments, usage } from "../../../../tools/measure/arguments";
import { digestOf } from "../../../../tools/measure/image";
import { measure, watchPeak } from "../../../../tools/measure/measure";
import { changedReplicas, measurementOf } from "../../../../tools/measure/measurement";
import { atAddress, deployedVariant, inContainer } from "../../../../tools/measure/subject";
import { stackSettings } from "../../../../tools/stack/settings";
import { ecs, load, step } from "../../../support/measured-load";
import { digest } from "../../../support/measurement";
import { slowServer } from "../../../support/slow-server";

const refuses = (act: () => unknown, message: RegExp) =>
  assert.throws(act, (error) => error instanceof UserError && message.test(error.message));

describe("the arguments of npm run measure", () => {
  const read = (...args: string[]) => readArguments(["--stack", "dev", ...args]);

  it("measure the deployed stack, a server with its CPU units, or an image", () => {
    assert.equal(read()?.place, undefined);
    const url = new URL("http://127.0.0.1:8080");
    assert.deepEqual(read(url.href, "--cpu", "512")?.place, { url, cpuUnits: 512 });
    assert.deepEqual(read("team/model:1.4")?.place, { image: "team/model:1.4" });
    assert.equal(read("--variant", "ecs")?.variant, "ecs");
  });

  it("have defaults for rate and step, and leave the limit to the stack", () => {
    const { perSecond, seconds, p99LimitMs, owned } = read() ?? {};
    assert.deepEqual([perSecond, seconds, p99LimitMs, owned], [5, 20, undefined, false]);
    assert.equal(read("--p99", "250")?.p99LimitMs, 250);
  });

  it("take the request like npm run load", () =>
    assert.deepEqual(read("--path", "/v1", "--body", "{}", "--header", "x-api-key: k")?.headers, { "x-api-key": "k" }));

  it("print the usage with --help, within 80 columns", () => {
    assert.equal(readArguments(["--help"]), undefined);
    const wide = usage.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(wide, []);
  });

  const mistakes: [string[], RegExp][] = [
    [[], /^--stack is missing; expected the stack to measure for\n\nnpm run measure/],
    [["--stack", "nix"], /^--stack is nix: there is no Pulumi\.nix\.yaml$/],
    [["--stack", "dev", "http://a"], /^--cpu is missing; expected the CPU units that the server at http:\/\/a has/],
    [["--stack", "dev", "--cpu", "512"], /^--cpu is 512; it goes with a URL/],
    [["--stack", "dev", "image", "--cpu", "512"], /^--cpu is 512; it goes with a URL/],
    [["--stack", "dev", "ftp://a", "--cpu", "512"], /^the URL is ftp:\/\/a; expected one such as/],
    [["--stack", "dev", "http://a", "--cpu", "none"], /^--cpu is none; expected a number above 0/],
    [
      ["--stack", "dev", "../server"],
      /^\.\.\/server is a folder; expected an image: docker build --tag model:1 \.\.\/server/,
    ],
    [["--stack", "dev", "app"], /^app is a folder; expected an image/],
    [["--stack", "dev", "a", "b"], /^b is a second URL or image; expected one/],
    [["--stack", "dev", "image", "--variant", "ecs"], /^--variant is ecs, and image is not the deployed stack/],
  ];
  for (const [args, message] of mistakes)
    it(`refuse ${args.join(" ") || "nothing at all"}`, () => refuses(() => readArguments(args), message));
});

describe("measurementOf", () => {
  const sent = { method: "POST", path: "/v1", type: "application/json", bytes: 20, of: 3, answerBytes: 300 };
  const recording = (lane: Partial<Measured> = {}): Recording => ({ ...load, sent, lanes: [{ ...ecs, ...lane }] });
  const server = { subject: "http://127.0.0.1:8080", vcpus: 0.5 };
  const deployed = { subject: "variant ecs of stack dev", variant: "ecs", vcpus: 0.5 };

  it("divides the highest rate by the vCPUs of a server: 15 / 0.5", () =>
    assert.deepEqual(measurementOf(recording(), server), {
      measuredAt: load.startedAt,
      subject: "http://127.0.0.1:8080",
      vcpus: 0.5,
      replicas: 1,
      p99LimitMs: 1000,
      requestsPerSecondPerVcpu: 30,
      p50Ms: 80,
      p99Ms: 620,
      request: { method: "POST", path: "/v1", type: "application/json", bytes: 20 },
      answerBytes: 300,
    }));

  it("divides by the replicas that served throughout the step: two of three", () => {
    const { replicas, requestsPerSecondPerVcpu } = measurementOf(recording(), deployed);
    assert.deepEqual([replicas, requestsPerSecondPerVcpu], [2, 15]);
  });

  it("adds what the engine of a container knows", () => {
    const known = { memoryMiB: { atRest: 100, atPeak: 200 }, startSeconds: 3, imageBytes: 9 };
    const found = measurementOf(recording(), { ...server, imageDigest: digest, cpuModel: "AMD" }, known);
    assert.deepEqual([found.memoryMiB, found.startSeconds, found.imageBytes], Object.values(known));
    assert.deepEqual([found.imageDigest, found.cpuModel], [digest, "AMD"]);
  });

  it("refuses a search in which no rate kept the limit, and replicas that were not seen", () => {
    const steps = [step(5, 1800, 3)];
    refuses(
      () => measurementOf(recording({ highestPerSecond: 0, steps }), server),
      /^No rate kept p99 within 1000 ms: at 5 requests\/s it was 1800 ms, with 3 errors\. Raise --p99/,
    );
    refuses(() => measurementOf(recording({ replicas: undefined }), deployed), /reported no replica of ecs/);
  });

  it("reports replicas that joined or left during the step of the highest rate, 260 s to 280 s", () => {
    assert.equal(changedReplicas(recording()), false);
    assert.equal(changedReplicas(recording({ replicas: [{ id: "a", registeredAt: 240, healthyAt: 270 }] })), true);
    assert.equal(changedReplicas(recording({ replicas: [{ id: "a", goneAt: 275 }] })), true);
    assert.equal(changedReplicas(recording({ replicas: [{ id: "a", goneAt: 290 }] })), false);
  });
});

describe("the subject of a measurement", () => {
  it("names the origin of a URL only, and the CPU of this machine only for a server on it", () => {
    const here = atAddress({ url: new URL("http://127.0.0.1:8080/v1?key=secret"), cpuUnits: 512 });
    assert.deepEqual(
      [here.subject, here.vcpus, here.cpuModel],
      ["http://127.0.0.1:8080", 0.5, cpus()[0]?.model.trim()],
    );
    assert.equal(atAddress({ url: new URL("https://api.example.com"), cpuUnits: 512 }).cpuModel, undefined);
  });

  it("names an image with its digest once", () => {
    const spec = serviceSpec(stackSettings("dev"));
    const subject = (image: string) => inContainer(new URL("http://127.0.0.1"), image, digest, spec).subject;
    assert.equal(subject("team/model:1"), `team/model:1 (${digest})`);
    assert.equal(subject(`team/model@${digest}`), `team/model@${digest}`);
  });

  it("finds the digest of an image by its repository", () => {
    const known = [`other@sha256:${"0".repeat(64)}`, `localhost:5000/model@${digest}`];
    assert.equal(digestOf("localhost:5000/model:1.4", known), digest);
    assert.equal(digestOf(`model@${digest}`, []), digest);
    assert.equal(digestOf("model:1.4", []), undefined);
  });

  const asked = { stack: "dev", perSecond: 5, seconds: 1, headers: {}, request: {}, owned: false };
  it("is one of the variants of the deployed stack", () =>
    assert.rejects(
      deployedVariant(asked, stackSettings("dev", { target: "both" })),
      (error) => error instanceof UserError && /^--variant is missing; expected one of ecs, eks$/.test(error.message),
    ));

  it("is not a stack on this machine, which has no load balancer", () =>
    assert.rejects(
      deployedVariant({ ...asked, stack: "local" }, stackSettings("local")),
      /runs on this machine; give/,
    ));
});

describe("measure", () => {
  it("finds the rate of a server that answers fifty requests a second, per vCPU", async function () {
    this.timeout(120_000);
    // A stalled machine looks like a slow server.
    this.retries(2);
    const { url, server } = await slowServer(20);
    const place = { url, cpuUnits: 2048 };
    const request = { path: "/v1/predict", body: "[1]" };
    const settings = { perSecond: 20, seconds: 1, p99LimitMs: 200, headers: {}, request, owned: false };
    try {
      const { measurement, recording } = await measure({ stack: "dev", place, ...settings }, stackSettings("dev"));
      assert.equal(measurement.subject, url.origin);
      assert.ok(measurement.requestsPerSecondPerVcpu >= 15 && measurement.requestsPerSecondPerVcpu <= 30);
      assert.equal(measurement.requestsPerSecondPerVcpu * 2, recording.lanes[0]?.highestPerSecond);
      assert.ok(measurement.p99Ms <= 200 && measurement.answerBytes > "answer".length);
      assert.deepEqual(measurement.request, {
        method: "POST",
        path: "/v1/predict",
        type: "application/json",
        bytes: 3,
      });
    } finally {
      server.close();
    }
  });
});

describe("the memory of a container", () => {
  it("is read from what docker stats prints", () => {
    assert.equal(mebibytes("151.2MiB / 1GiB\n"), 151.2);
    assert.equal(mebibytes("1.5GiB / 2GiB"), 1536);
    assert.equal(mebibytes("512KiB / 2GiB"), 0.5);
    assert.throws(() => mebibytes("-- / --"), /docker stats printed -- \/ --/);
  });

  it("is watched for its peak, without readings that fail", async () => {
    const readings = [10, new Error("gone"), 30, 20];
    let done = () => {};
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const end = watchPeak(async () => {
      const next = readings.shift();
      if (readings.length === 0) done();
      if (next instanceof Error) throw next;
      return next ?? 0;
    }, 1);
    await all;
    assert.equal(await end(), 30);
  });
});
