import assert from "node:assert/strict";
import { imageUnderTest } from "./support/image-under-test";
import { RunningContainer, taskSpec } from "./support/running-container";

/** Serves the files of the bundled model like public S3 objects. */
const bucket = `
  const { createReadStream, existsSync } = require("node:fs");
  const folder = "/app/models/efficientnet-lite0/";
  require("node:http").createServer((request, answer) => {
    const file = folder + request.url.split("?")[0].split("/").pop();
    if (existsSync(file)) createReadStream(file).pipe(answer);
    else answer.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
  }).listen(9000);`;

describe("The container with a model from S3", function () {
  this.timeout(120_000);
  const image = imageUnderTest();
  const docker = (...args: string[]) => image.docker.run(args, { limitSeconds: 60 });
  let network: string;
  let server: string;

  before(async () => {
    network = (await docker("network", "create", `inference-s3-${process.pid}`)).trim();
    const where = ["--network", network, "--network-alias=models.s3", "--entrypoint=node"];
    server = (await docker("run", "--detach", ...where, image.id, "-e", bucket)).trim();
  });
  after(async () => {
    if (server !== undefined) await docker("rm", "--force", "--volumes", server);
    if (network !== undefined) await docker("network", "rm", network);
  });

  const from = (uri: string) => ({
    extra: [
      `--network=${network}`,
      `--env=MODEL_URI=${uri}`,
      "--env=AWS_ENDPOINT_URL_S3=http://s3:9000",
      "--env=AWS_ACCESS_KEY_ID=test",
      "--env=AWS_SECRET_ACCESS_KEY=test",
    ],
  });

  it("a model from S3 is stored on the task's volume, with a read-only root file system", async () => {
    const container = await RunningContainer.start(image, from("s3://models/lite0"));
    try {
      const [path = ""] = taskSpec().writablePaths;
      assert.match(await container.execute("find", path, "-name", "*.onnx"), /efficientnet-lite0-fp32\.onnx$/);
      assert.notEqual(await container.execute("stat", "-f", "-c", "%T", path), "tmpfs");
    } finally {
      await container.remove();
    }
  });

  it("a missing model ends the container with one line that names it", async () => {
    await assert.rejects(RunningContainer.start(image, from("s3://elsewhere/lite0")), /s3:\/\/elsewhere\/lite0/);
  });
});
