import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { decodeModel, encodeModel } from "../../onnx/file";
import { float, integer, integers, type Model, node } from "../../onnx/model";

const tiny: Model = {
  irVersion: 8,
  producer: "a test",
  description: "every kind of field",
  opsets: new Map([
    ["", 17],
    ["com.microsoft", 1],
  ]),
  graph: {
    name: "tiny",
    nodes: [
      node("Conv", ["x", "w"], "y", { pads: integers(0, 1, 300, -1), group: integer(-2), alpha: float(0.5) }),
      {
        ...node("Cast", ["y"], "z", { to: { kind: "text", value: "ü" }, by: { kind: "floats", value: [1, 0] } }),
        domain: "a.b",
      },
    ],
    initializers: new Map(
      [
        { name: "w", dims: [2, 1], data: Float32Array.of(1.5, -2) },
        { name: "u8", dims: [3], data: Uint8Array.of(0, 128, 255) },
        { name: "s8", dims: [2], data: Int8Array.of(-128, 127) },
        { name: "s32", dims: [], data: Int32Array.of(-70000) },
        { name: "s64", dims: [1], data: BigInt64Array.of(-(2n ** 40n)) },
      ].map((tensor) => [tensor.name, tensor]),
    ),
    inputs: [{ name: "x", type: "float32", dims: ["batch", 3] }],
    outputs: [{ name: "z", type: "int64", dims: undefined }],
  },
};

describe("ONNX files", () => {
  it("are the same after encoding and decoding", () => {
    assert.deepEqual(decodeModel(encodeModel(tiny)), tiny);
  });

  it("from other exporters are accepted", async () => {
    const folder = path.join(__dirname, "../../../app/models/efficientnet-lite0");
    const { graph, opsets } = decodeModel(await readFile(path.join(folder, "efficientnet-lite0-fp32.onnx")));
    assert.equal(opsets.get(""), 17);
    assert.equal(graph.nodes.filter(({ op }) => op === "Conv").length, 49);
    assert.deepEqual(graph.inputs, [{ name: "input", type: "float32", dims: ["N", 3, 224, 224] }]);
  });

  it("of another format are refused in one line", () => {
    assert.throws(() => decodeModel(Buffer.alloc(0)), {
      message: "this is not an ONNX model: it has no graph with nodes",
    });
    assert.throws(
      () => decodeModel(Buffer.from("not a model at all")),
      /^Error: this is not an ONNX model: invalid wire type 6 at offset 1$/,
    );
    assert.throws(() => decodeModel(encodeModel(tiny).subarray(0, 100)), {
      message: /^this is not an ONNX model: index out of range/,
    });
  });
});
