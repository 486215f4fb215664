import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/folder";
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

  /** A folder with a server in Node: not ours, with another port and without a user. */
  function foreignFolder(script: string): string {
    const folder = temporaryFolder("foreign");
    const command = JSON.stringify(["node", "-e", script]);
    writeFileSync(join(folder, "Dockerfile"), `FROM node:24-bookworm-slim\nCMD ${command}\n`);
    return folder;
  }
  const listenOn5000 = `require("node:http").createServer((_, a) => a.end("foreign")).listen(5000)`;
  const start = (port: number, ...args: string[]) => {
    const host = image.docker.host === undefined ? {} : { DOCKER_HOST: image.docker.host };
    return new StartedService([...args, "--port", String(port)], { ...process.env, ...host });
  };

  it("npm start -- --build runs a folder of someone else, prints url and next step, and removes the container", async () => {
    const port = await freePort();
    service = start(port, "--build", foreignFolder(listenOn5000), "--preset", "other", "--container-port", "5000");
    await service.prints("Ctrl-C stops it");
    assert.match(service.output, /is ready: GET \/ answered 200 after \d+\.\d s/);
    assert.match(service.output, / {2}Next {2}npm run check-image -- \S+ --preset other/);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "foreign");
    const format = "{{.HostConfig.Memory}} {{.HostConfig.CapDrop}}";
    const limits = await image.docker.run(["inspect", "--format", format, await containers(port)], {
      limitSeconds: 10,
    });
    assert.equal(limits.trim(), `${taskSpec().memoryMiB * 2 ** 20} [ALL]`);
    service.interrupt();
    assert.equal(await service.ended, 0, service.output);
    assert.equal(await containers(port), "");
  });

  it("npm start -- --image says why an image ended, and leaves no container", async () => {
    const name = "inference:start-ends";
    await image.docker.build(foreignFolder(`console.error("no model in /models"); process.exitCode = 3`), name);
    service = start(await freePort(), "--image", name, "--preset", "other");
    assert.equal(await service.ended, 1, service.output);
    assert.match(
      service.output,
      /ended before it was ready\n {2}container \S+: exited with code 3\n {2}log: no model in \/models\nTo find .*: npm run check-image -- inference:start-ends --preset other\n$/,
    );
    const left = await image.docker.run(["ps", "--all", "--quiet", `--filter=ancestor=${name}`], { limitSeconds: 10 });
    assert.equal(left, "");
  });

  it("npm start -- --image names the port that an image listens on, with the option to give", async () => {
    const name = "inference:start-elsewhere";
    await image.docker.build(foreignFolder(listenOn5000), name);
    service = start(await freePort(), "--image", name, "--preset", "other");
    await service.prints("it listens on 5000, not on 8080: set --container-port 5000, or --preset (flask)");
  });
});
