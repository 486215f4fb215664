import { FatalError } from "../../app/src/fatal-error";
import {
  contribDomain,
  floatOf,
  floatsOf,
  type Graph,
  inputOf,
  integer,
  integerOf,
  type Model,
  type Node,
  node,
  outputOf,
  type TensorData,
} from "../onnx/model";
import type { Observed } from "./calibrate";

export type WeightBits = 7 | 8;

const greatestWeight = { 7: 64, 8: 127 } as const;

/**
 * Rewrites a float model to static int8: unsigned activations with one scale a tensor, signed weights with one scale
 * an output channel. The operators are the quantised ones themselves, so that a session has nothing left to fuse
 * when it opens. A Relu or Clip after a convolution or a sum vanishes: its bounds become the range.
 */
export function quantise(model: Model, observed: Map<string, Observed>, weightBits: WeightBits): Model {
  const rewriter = new Rewriter(model.graph, observed, weightBits);
  return {
    irVersion: model.irVersion,
    producer: "int8 quantiser",
    description:
      `${model.description} Static int8: unsigned 8-bit activations, signed ${weightBits}-bit weights a channel.`.trim(),
    opsets: new Map([...model.opsets, [contribDomain, 1]]),
    graph: rewriter.run(),
  };
}

/** value = (quantised - zero point) * scale; scale and zero point also stand in the graph, beside `name`. */
interface Encoding {
  name: string;
  scale: number;
}

interface Weights {
  name: string;
  /** One a channel: weight = rounded * scale. */
  scales: Float32Array;
  rounded: Int8Array;
}

class Rewriter {
  private readonly made: Graph;
  /** By the activation's float name. */
  private readonly encodings = new Map<string, Encoding>();

  constructor(
    private readonly source: Graph,
    private readonly observed: Map<string, Observed>,
    private readonly weightBits: WeightBits,
  ) {
    this.made = { ...source, nodes: [], initializers: new Map() };
  }

  run(): Graph {
    for (const input of this.source.inputs) this.quantiseInput(input.name);
    const fused = new Set<Node>();
    for (const each of this.source.nodes) {
      if (fused.has(each)) continue;
      const activation = this.activationAfter(each);
      if (activation !== undefined) fused.add(activation);
      this.rewrite(each, outputOf(activation ?? each));
    }
    return this.made;
  }

  private rewrite(from: Node, output: string): void {
    switch (from.op) {
      case "Conv":
        this.conv(from, output);
        break;
      case "Gemm":
        this.classifier(from, output);
        break;
      case "Add":
        this.pointwise(from, output, "QLinearAdd", [inputOf(from, 0), inputOf(from, 1)]);
        break;
      case "GlobalAveragePool":
        this.pointwise(from, output, "QLinearGlobalAveragePool", [inputOf(from, 0)]);
        break;
      case "MaxPool":
      case "Flatten":
        this.unchanged(from, output);
        break;
      default:
        throw new FatalError(
          `node ${from.name} is a ${from.op}, which has no int8 form here; expected Conv, Gemm, Add, MaxPool, ` +
            "GlobalAveragePool, Flatten, or a Relu or Clip right after a Conv or an Add",
        );
    }
  }

  /** The Relu or Clip that alone reads what a convolution or a sum produced. */
  private activationAfter(from: Node): Node | undefined {
    if (from.op !== "Conv" && from.op !== "Add") return undefined;
    const output = outputOf(from);
    const readers = this.source.nodes.filter((each) => each.inputs.includes(output));
    const [only] = readers;
    return readers.length === 1 && (only?.op === "Relu" || only?.op === "Clip") ? only : undefined;
  }

  private quantiseInput(name: string): void {
    const encoding = this.encode(name);
    this.made.nodes.push(node("QuantizeLinear", [name, ...this.constants(encoding.name)], encoding.name));
  }

  private conv(from: Node, output: string): void {
    const input = this.encodingOf(inputOf(from, 0));
    const weight = this.quantiseWeights(inputOf(from, 1));
    const target = this.encode(output);
    const inputs = [
      ...[input.name, ...this.constants(input.name)],
      ...[weight.name, ...this.constants(weight.name)],
      ...this.constants(target.name),
      ...this.quantiseBias(from, input.scale, weight),
    ];
    this.made.nodes.push({ ...node("QLinearConv", inputs, target.name), attributes: from.attributes });
  }

  /** The last layer: int8 inside, logits as floats again, because confidences need their fine differences. */
  private classifier(from: Node, output: string): void {
    if (integerOf(from, "transB", 0) !== 1 || floatOf(from, "alpha", 1) !== 1 || floatOf(from, "beta", 1) !== 1) {
      throw new FatalError(`node ${from.name}: a Gemm must have transB 1, alpha 1 and beta 1 to become int8`);
    }
    if (!this.source.outputs.some((each) => each.name === output)) {
      throw new FatalError(`node ${from.name}: a Gemm must be the model's last layer to become int8`);
    }
    const input = this.encodingOf(inputOf(from, 0));
    const weight = this.quantiseWeights(inputOf(from, 1));
    const bias = this.quantiseBias(from, input.scale, weight);
    const inputs = [input.name, ...this.constants(input.name), weight.name, ...this.constants(weight.name), ...bias];
    this.made.nodes.push({ ...node("QGemm", inputs, output, { transB: integer(1) }), domain: contribDomain });
  }

  private pointwise(from: Node, output: string, op: string, sources: string[]): void {
    const inputs = sources.flatMap((source) => {
      const { name } = this.encodingOf(source);
      return [name, ...this.constants(name)];
    });
    const target = this.encode(output);
    this.made.nodes.push({
      ...node(op, [...inputs, ...this.constants(target.name)], target.name),
      domain: contribDomain,
      attributes: from.attributes,
    });
  }

  /** Picking and reshaping values leaves their scale as it is. */
  private unchanged(from: Node, output: string): void {
    const input = this.encodingOf(inputOf(from, 0));
    const name = `${output}_u8`;
    this.made.nodes.push({ ...node(from.op, [input.name], name), attributes: from.attributes });
    const [scale, zeroPoint] = this.constants(input.name).map((each) => this.made.initializers.get(each)?.data);
    if (scale !== undefined && zeroPoint !== undefined) this.encodeAs(name, scale, zeroPoint);
    this.encodings.set(output, { ...input, name });
  }

  private quantiseWeights(name: string): Weights {
    const { dims, data } = floatsOf(this.source, name);
    const channels = dims[0] ?? 1;
    const size = data.length / channels;
    const scales = new Float32Array(channels);
    const rounded = new Int8Array(data.length);
    for (let channel = 0; channel < channels; channel++) {
      const weights = data.subarray(channel * size, (channel + 1) * size);
      const greatest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
      const scale = Math.fround(greatest / greatestWeight[this.weightBits]) || 1;
      scales[channel] = scale;
      rounded.set(
        weights.map((weight) => Math.round(weight / scale)),
        channel * size,
      );
    }
    this.constant(`${name}_s8`, dims, rounded);
    this.encodeAs(`${name}_s8`, scales, new Int8Array(channels));
    return { name: `${name}_s8`, scales, rounded };
  }

  /** A bias is added to the products' sum, so it takes the scale that those have. */
  private quantiseBias(from: Node, inputScale: number, weights: Weights): string[] {
    const name = inputOf(from, 2);
    const { dims, data } = floatsOf(this.source, name);
    const errors = this.meanErrors(from, weights);
    const rounded = Int32Array.from(data, (bias, index) =>
      Math.round((bias + (errors[index] ?? 0)) / (inputScale * (weights.scales[index] ?? 1))),
    );
    this.constant(`${name}_s32`, dims, rounded);
    return [`${name}_s32`];
  }

  /**
   * What rounding the weights takes from each output channel on average: the inputs' means times the weights' errors.
   * Most of the error is this constant part, since activations are mostly positive, and a bias can give it back.
   */
  private meanErrors(from: Node, { scales, rounded }: Weights): Float64Array {
    const { data } = floatsOf(this.source, inputOf(from, 1));
    const means = this.observedOf(inputOf(from, 0)).channelMeans;
    const channels = scales.length;
    const filterSize = data.length / channels;
    const group = integerOf(from, "group", 1);
    const inputsPerFilter = means.length / group;
    const kernelSize = filterSize / inputsPerFilter;
    const errors = new Float64Array(channels);
    for (let index = 0; index < data.length; index++) {
      const channel = Math.floor(index / filterSize);
      const firstInput = Math.floor((channel * group) / channels) * inputsPerFilter;
      const input = firstInput + Math.floor((index % filterSize) / kernelSize);
      const error = (data[index] ?? 0) - (rounded[index] ?? 0) * (scales[channel] ?? 0);
      errors[channel] = (errors[channel] ?? 0) + error * (means[input] ?? 0);
    }
    return errors;
  }

  private observedOf(name: string): Observed {
    const seen = this.observed.get(name);
    if (seen === undefined) throw new Error(`calibration saw no value of ${name}`);
    return seen;
  }

  private encode(activation: string): Encoding {
    const { min, max } = this.observedOf(activation).range;
    const scale = Math.fround((max - min) / 255) || 1;
    const encoding = { name: `${activation}_u8`, scale };
    this.encodings.set(activation, encoding);
    this.encodeAs(encoding.name, Float32Array.of(scale), Uint8Array.of(Math.round(-min / scale)));
    return encoding;
  }

  private encodingOf(activation: string): Encoding {
    const encoding = this.encodings.get(activation);
    if (encoding === undefined) throw new Error(`nothing before it produces ${activation} as int8`);
    return encoding;
  }

  private constants(name: string): string[] {
    return [`${name}_scale`, `${name}_zero_point`];
  }

  private encodeAs(name: string, scale: TensorData, zeroPoint: TensorData): void {
    const dims = scale.length === 1 ? [] : [scale.length];
    this.constant(`${name}_scale`, dims, scale);
    this.constant(`${name}_zero_point`, dims, zeroPoint);
  }

  private constant(name: string, dims: number[], data: TensorData): void {
    this.made.initializers.set(name, { name, dims, data });
  }
}
