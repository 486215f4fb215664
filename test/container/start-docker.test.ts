import assert from "node:assert/strict";
import { freePort } from "../support/free-port";
import { StartedService } from "../support/started-service";
import { imageUnderTest } from "./support/image-under-test";
import { taskSpec } from "./support/running-container";

describe("npm start -- --docker", function () {
  this.timeout(180_000);
  const image = imageUnderTest();
  let service: StartedService | undefined;
  afterEach(() => service?.kill());

  /** Containers of this test only, by their port. */
  const containers = async (port: number) =>
    (await image.docker.run(["ps", "--quiet", `--filter=publish=${port}`], { limitSeconds: 10 })).trim();

  it("npm start -- --docker classifies a photo under the task's limits and removes the container at Ctrl-C", async () => {
    const port = await freePort();
    const host = image.docker.host === undefined ? {} : { DOCKER_HOST: image.docker.host };
    service = new StartedService(["--docker", "--port", String(port)], { ...process.env, ...host });
    await service.prints("Ctrl-C stops it");
    assert.match(service.output, /cat \d+ %/);

    const spec = taskSpec();
    const format = "{{json .HostConfig}}";
    const limits = JSON.parse(
      await image.docker.run(["inspect", "--format", format, await containers(port)], { limitSeconds: 10 }),
    );
    assert.deepEqual(
      [limits.NanoCpus / 1e9, limits.Memory / 2 ** 20, limits.ReadonlyRootfs, limits.CapDrop, limits.SecurityOpt],
      [spec.cpuUnits / 1024, spec.memoryMiB, true, ["ALL"], ["no-new-privileges"]],
    );
    service.interrupt();
    assert.equal(await service.ended, 0, service.output);
    assert.equal(await containers(port), "");
  });
});
