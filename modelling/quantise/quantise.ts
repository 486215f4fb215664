import { FatalError } from "../../app/src/fatal-error";
import {
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
 * an output channel. Operators stay as they are, between a QuantizeLinear and a DequantizeLinear at each activation: both
 * onnxruntime and OpenVINO fuse these to operators of int8, and OpenVINO reads no QLinearConv. A Relu or Clip after a
 * convolution or a sum vanishes: its bounds become the range.
 */
export function quantise(model: Model, observed: Map<string, Observed>, weightBits: WeightBits): Model {
  const rewriter = new Rewriter(model.graph, observed, weightBits);
  return {
    irVersion: model.irVersion,
    producer: "int8 quantiser",
    description:
      `${model.description} Static int8: unsigned 8-bit activations, signed ${weightBits}-bit weights a channel.`.trim(),
    opsets: model.opsets,
    graph: rewriter.run(),
  };
}

/** value = (quantised - zero point) * scale. */
interface Encoding {
  scale: number;
  zeroPoint: number;
}

interface Weights {
  name: string;
  /** One a channel: weight = rounded * scale. */
  scales: Float32Array;
  rounded: Int8Array;
}

class Rewriter {
  private readonly made: Graph;
  /** Of each activation. */
  private readonly encodings = new Map<string, Encoding>();

  constructor(
    private readonly source: Graph,
    private readonly observed: Map<string, Observed>,
    private readonly weightBits: WeightBits,
  ) {
    this.made = { ...source, nodes: [], initializers: new Map() };
  }

  run(): Graph {
    for (const input of this.source.inputs) this.round(input.name, this.encode(input.name));
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
        this.copy(from, output, this.weighted(from), this.encode(output));
        break;
      case "Gemm":
        this.classifier(from, output);
        break;
      case "Add":
      case "GlobalAveragePool":
        this.copy(from, output, from.inputs.map(roundedName), this.encode(output));
        break;
      case "MaxPool":
      case "Flatten":
        // Picking and reshaping values leaves their scale as it is.
        this.copy(from, output, from.inputs.map(roundedName), this.encodingOf(inputOf(from, 0)));
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

  /** The node with other inputs, and its output rounded. */
  private copy(from: Node, output: string, inputs: string[], encoding: Encoding): void {
    this.made.nodes.push({ ...from, inputs, outputs: [output] });
    this.round(output, encoding);
  }

  /** The last layer: int8 inside, logits as floats, because confidences need their fine differences. */
  private classifier(from: Node, output: string): void {
    if (integerOf(from, "transB", 0) !== 1 || floatOf(from, "alpha", 1) !== 1 || floatOf(from, "beta", 1) !== 1) {
      throw new FatalError(`node ${from.name}: a Gemm must have transB 1, alpha 1 and beta 1 to become int8`);
    }
    if (!this.source.outputs.some((each) => each.name === output)) {
      throw new FatalError(`node ${from.name}: a Gemm must be the model's last layer to become int8`);
    }
    this.made.nodes.push({ ...from, inputs: this.weighted(from), outputs: [output] });
  }

  /** The inputs of a convolution or matrix product: values, weights and bias. */
  private weighted(from: Node): string[] {
    const input = inputOf(from, 0);
    const weights = this.quantiseWeights(inputOf(from, 1));
    return [roundedName(input), weights.name, this.quantiseBias(from, this.encodingOf(input).scale, weights)];
  }

  /** Rounds a float activation to 8 bits and back. */
  private round(name: string, encoding: Encoding): void {
    this.encodings.set(name, encoding);
    const constants = this.constants(`${name}_u8`, Float32Array.of(encoding.scale), Uint8Array.of(encoding.zeroPoint));
    this.made.nodes.push(node("QuantizeLinear", [name, ...constants], `${name}_u8`));
    this.made.nodes.push(node("DequantizeLinear", [`${name}_u8`, ...constants], roundedName(name)));
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
    return { name: this.dequantised(`${name}_s8`, scales, new Int8Array(channels)), scales, rounded };
  }

  /** A bias is added to the products' sum, so it takes the scale that those have. */
  private quantiseBias(from: Node, inputScale: number, weights: Weights): string {
    const name = inputOf(from, 2);
    const { dims, data } = floatsOf(this.source, name);
    const errors = this.meanErrors(from, weights);
    const rounded = Int32Array.from(data, (bias, index) =>
      Math.round((bias + (errors[index] ?? 0)) / (inputScale * (weights.scales[index] ?? 1))),
    );
    this.constant(`${name}_s32`, dims, rounded);
    const scales = weights.scales.map((scale) => scale * inputScale);
    return this.dequantised(`${name}_s32`, scales, new Int32Array(scales.length));
  }

  /** A constant with one scale a channel, as floats again. */
  private dequantised(name: string, scales: Float32Array, zeroPoints: TensorData): string {
    const inputs = [name, ...this.constants(name, scales, zeroPoints)];
    this.made.nodes.push(node("DequantizeLinear", inputs, roundedName(name), { axis: integer(0) }));
    return roundedName(name);
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
    return { scale, zeroPoint: Math.round(-min / scale) };
  }

  private encodingOf(activation: string): Encoding {
    const encoding = this.encodings.get(activation);
    if (encoding === undefined) throw new Error(`nothing before it produces ${activation} as int8`);
    return encoding;
  }

  /** Names of the scale and zero point, which it adds to the graph. */
  private constants(name: string, scale: Float32Array, zeroPoint: TensorData): string[] {
    const dims = scale.length === 1 ? [] : [scale.length];
    this.constant(`${name}_scale`, dims, scale);
    this.constant(`${name}_zero_point`, dims, zeroPoint);
    return [`${name}_scale`, `${name}_zero_point`];
  }

  private constant(name: string, dims: number[], data: TensorData): void {
    this.made.initializers.set(name, { name, dims, data });
  }
}

const roundedName = (name: string) => `${name}_rounded`;
