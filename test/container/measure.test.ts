import assert from "node:assert/strict";
import { measure } from "../../tools/measure/measure";
import { stackSettings } from "../../tools/stack/settings";
import { imageUnderTest } from "./support/image-under-test";

describe("npm run measure, of an image", function () {
  this.timeout(300_000);
  const image = imageUnderTest();

  it("measures rate, memory, start and size under the limits of the stack, and removes the container", async () => {
    const place = { image: image.id };
    // Another tier may run containers of the same image.
    const containers = () =>
      image.docker.run(["ps", "--all", "--quiet", `--filter=ancestor=${image.id}`], { limitSeconds: 10 });
    const before = await containers();
    const search = { perSecond: 1, seconds: 2, p99LimitMs: 5000, headers: {}, request: {}, owned: false };
    const { measurement } = await measure({ stack: "dev", place, ...search }, stackSettings("dev"), image.docker);
    const { subject, imageDigest, vcpus, memoryMiB, startSeconds = 0, imageBytes = 0 } = measurement;
    assert.deepEqual([subject, imageDigest, vcpus], [image.id, undefined, 0.5]);
    assert.ok(measurement.requestsPerSecondPerVcpu > 0);
    assert.ok(memoryMiB && memoryMiB.atRest > 20 && memoryMiB.atPeak >= memoryMiB.atRest && memoryMiB.atPeak < 1024);
    assert.ok(startSeconds > 0 && startSeconds < 300 && imageBytes > 50e6, JSON.stringify(measurement));
    assert.equal(await containers(), before);
  });

  it("refuses an image that Docker does not run, with Docker's reason", () =>
    assert.rejects(
      measure(
        { stack: "dev", place: { image: image.id }, perSecond: 1, seconds: 1, headers: {}, request: {}, owned: false },
        stackSettings("dev", { cpu: 16384, memory: 32768 }),
        image.docker,
      ),
      /^Error: Docker does not run sha256:\w+: .*CPUs/,
    ));
});
