import assert from "node:assert/strict";
import { InferenceSession, Tensor as OrtTensor } from "../../../app/src/inference/runtime";
import { temporaryFolder } from "../../../app/test/support/folder";
import { openvinoLibrary } from "../../../app/test/support/openvino";
import { describeCpu } from "../../cpu";
import { encodeModel } from "../../onnx/file";
import { float, integer, integers, type Model, node, type Tensor } from "../../onnx/model";
import { measureParity, parityProblems } from "../../parity/parity";
import { bundledPhotos } from "../../photos";
import { calibrate } from "../../quantise/calibrate";
import { quantise } from "../../quantise/quantise";
import { quantiseFolder, weightBitsFor } from "../../quantise/quantise-folder";
import { Random } from "../../resnet50/random";
import { buildResnet50, defaultSeed } from "../../resnet50/resnet50";
import { writeResnet50 } from "../../resnet50/resnet50-folder";

describe("the quantiser", () => {
  it("makes an int8 ResNet50 that agrees with fp32 on every shipped photo, at a cosine of at least 0.999", async function () {
    this.timeout(180_000);
    const folder = temporaryFolder("resnet50");
    await writeResnet50(folder, buildResnet50(defaultSeed));
    await quantiseFolder(folder, bundledPhotos, weightBitsFor(describeCpu()));
    const rows = await measureParity(folder, bundledPhotos, openvinoLibrary);
    assert.deepEqual(parityProblems(rows, 0.999), []);
    const classes = new Set(rows.map(({ fp32Class }) => fp32Class)).size;
    assert.ok(
      rows.length === (openvinoLibrary ? 60 : 20) && classes === 6,
      `${rows.length} photos fall into ${classes} classes`,
    );
  });

  it("keeps what grouped convolutions, sums with Relu, Clip and pooling compute", async () => {
    const model = smallModel();
    const pictures = Array.from({ length: 4 }, (_, index) => noise(index + 1));
    const small = quantise(model, await calibrate(model, pictures, 16), 7);
    for (const picture of pictures) {
      const [exact, rounded] = [await run(model, picture), await run(small, picture)];
      const spread = Math.max(...exact) - Math.min(...exact);
      for (const [index, value] of exact.entries()) {
        assert.ok(Math.abs(value - (rounded[index] ?? 0)) < 0.05 * spread, `${exact} is not near ${rounded}`);
      }
    }
  });

  it("keeps weights within 7 bits where 16-bit sums would overflow", async () => {
    const model = smallModel();
    const observed = await calibrate(model, [noise(1)], 16);
    const greatest = (bits: 7 | 8) =>
      Math.max(
        ...[...(quantise(model, observed, bits).graph.initializers.get("w1_s8")?.data ?? [])].map((w) =>
          Math.abs(Number(w)),
        ),
      );
    assert.equal(greatest(7), 64);
    assert.equal(greatest(8), 127);
  });

  it("takes 7 bits on a CPU without VNNI, 8 on one with it", () => {
    assert.equal(weightBitsFor(describeCpu("flags\t\t: fpu avx2 fma\n")), 7);
    assert.equal(weightBitsFor(describeCpu("flags\t\t: fpu avx2 avx512f avx512_vnni\n")), 8);
    assert.equal(weightBitsFor(describeCpu("flags\t\t: fpu avx2 avx_vnni\n")), 8);
    assert.equal(weightBitsFor(describeCpu("Features\t: fp asimd asimddp\n")), 8);
  });

  it("names an operator that it has no int8 form for", async () => {
    const model = smallModel();
    model.graph.nodes.splice(2, 0, node("Sigmoid", ["pooled"], "sigmoid"));
    assert.throws(() => quantise(model, new Map(), 7), /calibration saw no value of/);
    const observed = await calibrate(model, [noise(1)], 16);
    assert.throws(
      () => quantise(model, observed, 7),
      /node sigmoid is a Sigmoid, which has no int8 form here; expected Conv/,
    );
  });
});

function noise(seed: number): Float32Array {
  const random = new Random(seed);
  return new Float32Array(3 * 16 * 16).map(() => random.uniform());
}

async function run(model: Model, picture: Float32Array): Promise<number[]> {
  const session = await InferenceSession.create(encodeModel(model));
  const { y } = await session.run({ x: new OrtTensor("float32", picture, [1, 3, 16, 16]) });
  await session.release();
  return Array.from(y?.data as Float32Array);
}

/** Two convolutions, the second in groups, a sum with the first, and a classifier. */
function smallModel(): Model {
  const random = new Random(7);
  const drawn = (name: string, ...dims: number[]) => {
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1)).map(() => random.uniform());
    return { name, dims, data };
  };
  const scalar = (name: string, value: number) => ({ name, dims: [], data: Float32Array.of(value) });
  const constants: Tensor[] = [
    ...[drawn("w1", 8, 3, 3, 3), drawn("b1", 8), drawn("w2", 8, 2, 3, 3), drawn("b2", 8)],
    ...[drawn("w3", 5, 8), drawn("b3", 5), scalar("zero", 0), scalar("six", 6)],
  ];
  const pads = integers(1, 1, 1, 1);
  return {
    irVersion: 8,
    producer: "a test",
    description: "",
    opsets: new Map([["", 17]]),
    graph: {
      name: "small",
      nodes: [
        node("Conv", ["x", "w1", "b1"], "first", { pads }),
        node("MaxPool", ["first"], "pooled", { kernel_shape: integers(2, 2), strides: integers(2, 2) }),
        node("Conv", ["pooled", "w2", "b2"], "second", { pads, group: integer(4) }),
        node("Clip", ["second", "zero", "six"], "clipped"),
        node("Add", ["clipped", "pooled"], "sum"),
        node("Relu", ["sum"], "relu"),
        node("GlobalAveragePool", ["relu"], "average"),
        node("Flatten", ["average"], "flat", { axis: integer(1) }),
        node("Gemm", ["flat", "w3", "b3"], "y", { transB: integer(1), alpha: float(1) }),
      ],
      initializers: new Map(constants.map((tensor) => [tensor.name, tensor])),
      inputs: [{ name: "x", type: "float32", dims: ["batch", 3, 16, 16] }],
      outputs: [{ name: "y", type: "float32", dims: ["batch", 5] }],
    },
  };
}
