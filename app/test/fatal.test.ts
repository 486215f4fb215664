import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { FakeS3 } from "./support/fake-s3";
import { temporaryFolder } from "./support/folder";
import { backends, skipWithoutLibrary } from "./support/openvino";
import { ServerProcess } from "./support/server-process";
import { writeTabularModel } from "./support/tabular-model";

describe("a server that cannot start", () => {
  let server: ServerProcess;
  afterEach(() => server?.stop());

  const fatal: [string, Record<string, string>, string[], RegExp][] = [
    ["an argument it does not know", {}, ["train"], /^the arguments are "train"; expected none, or serve$/],
    ["two mistakes in the environment", { PORT: "x", EMF: "2" }, [], /^PORT is "x"; .*; EMF is "2"; expected 0, 1$/],
    ["a model that is not there", { MODEL_URI: "/nowhere" }, [], /^MODEL_URI is "\/nowhere"; expected a model folder/],
    [
      "OpenVINO where it is not installed",
      { MODEL_RUNTIME: "openvino", OPENVINO_FOLDER: "/nowhere" },
      [],
      /^MODEL_RUNTIME is "openvino", but \/nowhere has no libopenvino_c\.so; build the image with .*RUNTIME=openvino$/,
    ],
    [
      "a precision that the runtime lacks",
      { MODEL_RUNTIME: "onnxruntime", MODEL_PRECISION: "bf16" },
      [],
      /^MODEL_PRECISION is "bf16", which onnxruntime does not have; expected MODEL_RUNTIME auto or openvino$/,
    ],
    ["a folder that is no model", { MODEL_URI: temporaryFolder("empty") }, [], /there is no such file; a model is/],
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
    assert.match(server.lines.at(-1)?.msg ?? "", /cannot listen on HOST 127.0.0.1 and PORT \d+: EADDRINUSE/);
  });

  for (const [what, weights, message] of [
    ["an object that S3 lacks", undefined, /^s3:\/\/bucket\/model\.onnx cannot be read: there is no such object$/],
    ["weights that are not the manifest's", "others", /^s3:\/\/bucket\/model\.onnx has sha256 .*; its manifest states/],
  ] as const) {
    it(`ends with one line and exit code 1 for ${what}`, async () => {
      const s3 = new FakeS3();
      const variables = { ...(await s3.start()), TMPDIR: temporaryFolder("s3") };
      s3.objects.set("manifest.json", readFileSync(path.join(writeTabularModel(), "manifest.json")));
      if (weights) s3.objects.set("model.onnx", Buffer.from(weights));
      server = ServerProcess.run({ MODEL_URI: "s3://bucket", ...variables });
      assert.equal(await server.exitCode(), 1);
      s3.stop();
      assert.deepEqual(
        server.lines.map(({ level, err }) => [level, err]),
        [["fatal", undefined]],
      );
      assert.match(server.lines[0]?.msg ?? "", message);
    });
  }

  const unfit: [string, () => string, RegExp][] = [
    [
      "labels that do not fit",
      () => writeTabularModel({ labels: ["a", "b"] }),
      /has 3 outputs, but its labels file has 2 lines/,
    ],
    [
      "a width that does not fit",
      () => writeTabularModel({ manifest: { features: 5 } }),
      /model\.onnx does not run: .*5/,
    ],
    [
      "a second input",
      () => writeTabularModel({ model: "two-inputs" }),
      /model\.onnx does not run: it has the inputs features, mask; expected one$/,
    ],
    [
      "a batch it cannot fill",
      () => writeTabularModel({ model: "batch-of-3" }),
      /takes 3 inputs at once; export it with a free batch/,
    ],
  ];
  for (const { backend, variables } of backends) {
    for (const [what, folder, message] of unfit) {
      it(`ends with one line and exit code 1 for a model with ${what} (${backend})`, async function () {
        skipWithoutLibrary(this, backend);
        server = ServerProcess.run({ ...variables, MODEL_URI: folder() });
        assert.equal(await server.exitCode(), 1);
        assert.match(server.lines.at(-1)?.msg ?? "", message);
      });
    }
  }
});
