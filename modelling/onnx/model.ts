/** ONNX models as plain data: what the generator builds, the quantiser rewrites and the cost model walks. */

export type TensorData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
export type ElementType = "float32" | "uint8" | "int8" | "int32" | "int64";

export interface Tensor {
  name: string;
  dims: number[];
  data: TensorData;
}

export type Attribute =
  | { kind: "integer"; value: number }
  | { kind: "float"; value: number }
  | { kind: "text"; value: string }
  | { kind: "integers"; value: number[] }
  | { kind: "floats"; value: number[] };

export interface Node {
  name: string;
  op: string;
  /** Empty for ONNX's own operators. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
}

export interface ValueInfo {
  name: string;
  type: ElementType;
  /** A name stands for a size that is free, such as the batch. Absent when the model leaves the shape unsaid. */
  dims?: (number | string)[];
}

export interface Graph {
  name: string;
  nodes: Node[];
  initializers: Map<string, Tensor>;
  inputs: ValueInfo[];
  outputs: ValueInfo[];
}

export interface Model {
  irVersion: number;
  producer: string;
  description: string;
  /** Domain to version. */
  opsets: Map<string, number>;
  graph: Graph;
}

export function node(op: string, inputs: string[], output: string, attributes: Record<string, Attribute> = {}): Node {
  return { name: output, op, domain: "", inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) };
}

export const integer = (value: number): Attribute => ({ kind: "integer", value });
export const integers = (...value: number[]): Attribute => ({ kind: "integers", value });
export const float = (value: number): Attribute => ({ kind: "float", value });

export function integerOf(from: Node, name: string, otherwise: number): number {
  const attribute = from.attributes.get(name);
  return attribute?.kind === "integer" ? attribute.value : otherwise;
}

export function integersOf(from: Node, name: string, otherwise: number[]): number[] {
  const attribute = from.attributes.get(name);
  return attribute?.kind === "integers" ? attribute.value : otherwise;
}

export function floatOf(from: Node, name: string, otherwise: number): number {
  const attribute = from.attributes.get(name);
  return attribute?.kind === "float" ? attribute.value : otherwise;
}

/** A node's only output; every operator handled here has exactly one. */
export function outputOf(from: Node): string {
  const [output] = from.outputs;
  if (output === undefined || from.outputs.length !== 1) {
    throw new Error(`node ${from.name} (${from.op}) has ${from.outputs.length} outputs; expected 1`);
  }
  return output;
}

export function inputOf(from: Node, index: number): string {
  const input = from.inputs[index];
  if (input === undefined || input === "") throw new Error(`node ${from.name} (${from.op}) has no input ${index}`);
  return input;
}

/** An initializer that must be there and hold floats: a weight or a bias. */
export function floatsOf(graph: Graph, name: string): { dims: number[]; data: Float32Array } {
  const tensor = graph.initializers.get(name);
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`${name} is not a constant of float32 in this model`);
  return { dims: tensor.dims, data: tensor.data };
}
