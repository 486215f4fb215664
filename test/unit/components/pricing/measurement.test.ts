import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  inferenceOf,
  type Measurement,
  otherImage,
  ourInference,
  readMeasurement,
} from "../../../../components/pricing";
import { temporaryFolder } from "../../../support/folder";
import { digest, measurement } from "../../../support/measurement";

describe("readMeasurement", () => {
  const folder = temporaryFolder("measurement");
  const read = (content: unknown) => {
    writeFileSync(
      join(folder, "Pulumi.dev.measured.json"),
      typeof content === "string" ? content : JSON.stringify(content),
    );
    return readMeasurement(folder, "dev");
  };

  it("reads the file beside the stack file, and returns nothing without one", () => {
    assert.deepEqual(read(measurement), measurement);
    assert.equal(readMeasurement(folder, "prod"), undefined);
  });

  it("reads a measurement of a server at an address: what is not known is left out", () => {
    const { imageDigest, cpuModel, memoryMiB, startSeconds, imageBytes, ...known } = measurement;
    assert.deepEqual(read(known), known);
  });

  it("names the file and every field that does not fit", () =>
    assert.throws(
      () =>
        read({
          ...measurement,
          vcpus: 0,
          requestsPerSecondPerVcpu: undefined,
          request: { ...measurement.request, bytes: -1 },
          vcpu: 1,
        }),
      {
        message: [
          "Pulumi.dev.measured.json: 4 problems",
          "  unknown key vcpu: did you mean vcpus?",
          "  vcpus is 0; expected a number from 0.01 to 1024",
          "  requestsPerSecondPerVcpu is missing; expected a number from 0.000001 to 1000000",
          "  request.bytes is -1; expected a whole number from 0 to 1000000000000",
        ].join("\n"),
      },
    ));

  it("names the file when it is no JSON, or no object", () => {
    assert.throws(() => read("{"), /^Error: Pulumi\.dev\.measured\.json: .*JSON/);
    assert.throws(() => read("[]"), /Pulumi\.dev\.measured\.json: 1 problem\n {2}content is \[\]; expected an object/);
  });
});

describe("otherImage", () => {
  const image = (hex: string) => `ghcr.io/team/model@sha256:${hex.repeat(32)}`;

  it("warns when the stack runs another digest than the measured one", () => {
    assert.equal(otherImage("dev", measurement, image("ab")), undefined);
    assert.equal(
      otherImage("dev", measurement, image("cd")),
      "Pulumi.dev.measured.json measured sha256:abababababab, and the stack runs sha256:cdcdcdcdcdcd. Measure again: npm run measure -- --stack dev",
    );
  });

  it("is silent when one of the digests is not known", () => {
    assert.equal(otherImage("dev", measurement, "build"), undefined);
    assert.equal(otherImage("dev", { ...measurement, imageDigest: undefined }, image("cd")), undefined);
    assert.equal(otherImage("dev", undefined, image("cd")), undefined);
  });
});

describe("inferenceOf", () => {
  it("returns the figures of our server without a measurement", () =>
    assert.equal(inferenceOf(undefined), ourInference));

  it("returns the measured figures, and says whose they are with a short digest", () => {
    const { from, ...figures } = inferenceOf(measurement);
    assert.deepEqual(figures, {
      perVcpu: 15.4,
      requestBytes: 200,
      responseBytes: 300,
      startSeconds: 42,
      startFrom: from,
    });
    assert.equal(
      from,
      `measured by npm run measure on 2026-11-29, ghcr.io/team/model@${digest.slice(0, 19)}…, 2 vCPU of AMD EPYC 7R13`,
    );
  });

  it("keeps our server's start when the measured one is not known", () => {
    const { startSeconds, cpuModel, ...known }: Measurement = measurement;
    const inference = inferenceOf(known);
    assert.deepEqual(
      [inference.startSeconds, inference.startFrom],
      [ourInference.startSeconds, ourInference.startFrom],
    );
    assert.match(inference.from, /, 2 vCPU$/);
  });
});
