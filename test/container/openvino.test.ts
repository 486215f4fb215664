import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { appFolder } from "./support/engine";
import { imageUnderTest } from "./support/image-under-test";
import { RunningContainer } from "./support/running-container";

describe("The image with RUNTIME=openvino", function () {
  this.timeout(120_000);
  before(function () {
    if (process.arch === "x64") return;
    console.log(`    skipped: OpenVINO is installed for x64 only, and this machine is ${process.arch}`);
    this.skip();
  });
  const image = imageUnderTest(appFolder, { RUNTIME: "openvino" });

  async function runIn(env: Record<string, string>): Promise<{ runtime: string; classes: string[] }> {
    const extra = Object.entries(env).map((pair) => `--env=${pair.join("=")}`);
    const container = await RunningContainer.start(image, { extra });
    try {
      const { model } = (await (await fetch(`${container.url}/version`)).json()) as { model: { runtime: string } };
      const body = new Uint8Array(await readFile(join(appFolder, "photos/chelsea.png")));
      const headers = { "content-type": "image/png" };
      const answer = await fetch(`${container.url}/predict?top=2`, { method: "POST", headers, body });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      const { predictions } = JSON.parse(text) as { predictions: { class: string }[] };
      return { runtime: model.runtime, classes: predictions.map((one) => one.class) };
    } finally {
      await container.remove();
    }
  }

  it("classifies a photo with OpenVINO", async () => {
    for (const precision of ["fp32", "int8", "bf16"]) {
      const { runtime, classes } = await runIn({ MODEL_RUNTIME: "openvino", MODEL_PRECISION: precision });
      assert.equal(runtime, "openvino");
      assert.deepEqual(classes.sort(), ["Egyptian cat", "tiger cat"], precision);
    }
  });

  it("runs in onnxruntime where OpenVINO gains nothing", async () => {
    assert.equal((await runIn({})).runtime, "onnxruntime");
  });

  it("has the licences of what it adds", async () => {
    const command = ["run", "--rm", "--entrypoint=ls", image.id, "openvino/lib/licenses", "node_modules/koffi"];
    const files = await image.docker.run(command, { limitSeconds: 60 });
    for (const file of ["LICENSE", "licensing", "LICENSE.txt"]) assert.ok(files.split("\n").includes(file), files);
  });
});
