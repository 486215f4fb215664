import { FatalError } from "../../app/src/fatal-error";
import type { Attribute, ElementType, Graph, Model, Node, Tensor, TensorData, ValueInfo } from "./model";
import {
  type AttributeProto,
  type Dimension,
  fromBytes,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  toBytes,
  type ValueInfoProto,
} from "./proto";

/** The numbers that ONNX gives its element types. */
const elementTypeCodes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
const attributeTypeCodes = { float: 1, integer: 2, text: 3, floats: 6, integers: 7 } as const;

export function encodeModel({ irVersion, producer, description, opsets, graph }: Model): Buffer {
  return toBytes({
    irVersion,
    producerName: producer,
    docString: description,
    opsetImport: [...opsets].map(([domain, version]) => ({ domain, version })),
    graph: {
      node: graph.nodes.map(fromNode),
      name: graph.name,
      initializer: [...graph.initializers.values()].map(fromTensor),
      input: graph.inputs.map(fromValueInfo),
      output: graph.outputs.map(fromValueInfo),
    },
  });
}

export function decodeModel(bytes: Buffer): Model {
  const { irVersion, producerName, docString, opsetImport, graph } = fromBytes(bytes);
  if (!graph?.node.length) throw new FatalError("this is not an ONNX model: it has no graph with nodes");
  return {
    irVersion: Number(irVersion),
    producer: producerName,
    description: docString,
    opsets: new Map(opsetImport.map(({ domain, version }) => [domain, Number(version)])),
    graph: toGraph(graph),
  };
}

function toGraph({ name, node, initializer, input, output }: GraphProto): Graph {
  return {
    name,
    nodes: node.map(toNode),
    initializers: new Map(initializer.map(toTensor).map((tensor) => [tensor.name, tensor])),
    inputs: input.map(toValueInfo),
    outputs: output.map(toValueInfo),
  };
}

function fromNode({ name, op, domain, inputs, outputs, attributes }: Node): NodeProto {
  return {
    ...{ name, opType: op, input: inputs, output: outputs },
    attribute: [...attributes].map(([key, attribute]) => fromAttribute(key, attribute)),
    ...(domain === "" ? {} : { domain }),
  };
}

function toNode({ name, opType, domain = "", input, output, attribute }: NodeProto): Node {
  const attributes = new Map(attribute.map((one) => [one.name, toAttribute(one)]));
  return { name, op: opType, domain, inputs: input, outputs: output, attributes };
}

function fromAttribute(name: string, { kind, value }: Attribute): AttributeProto {
  const named = { name, type: attributeTypeCodes[kind] };
  if (kind === "float") return { ...named, f: value };
  if (kind === "integer") return { ...named, i: value };
  if (kind === "text") return { ...named, s: Buffer.from(value) };
  return kind === "floats" ? { ...named, floats: value } : { ...named, ints: value };
}

function toAttribute({ name, type, f = 0, i = 0, s, floats = [], ints = [] }: AttributeProto): Attribute {
  if (type === attributeTypeCodes.float) return { kind: "float", value: f };
  if (type === attributeTypeCodes.integer) return { kind: "integer", value: Number(i) };
  if (type === attributeTypeCodes.text) return { kind: "text", value: s?.toString() ?? "" };
  if (type === attributeTypeCodes.floats) return { kind: "floats", value: floats };
  if (type === attributeTypeCodes.integers) return { kind: "integers", value: ints.map(Number) };
  throw new FatalError(
    `attribute ${name} has ONNX attribute type ${type}; expected one of ${JSON.stringify(attributeTypeCodes)}`,
  );
}

function fromTensor({ name, dims, data }: Tensor): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims, dataType: elementTypeCodes[elementTypeOf(data)], rawData };
}

function toTensor(tensor: TensorProto): Tensor {
  const { name, dims, dataType, rawData } = tensor;
  const type = elementTypeFor(dataType, `tensor ${name}`);
  return {
    name,
    dims: dims.map(Number),
    data: rawData.length > 0 ? fromRaw(type, rawData) : fromNumbers(type, tensor),
  };
}

function fromRaw(type: ElementType, raw: Uint8Array): TensorData {
  // A copy, because the bytes of a tensor need not lie on its element's boundary.
  const { buffer } = Uint8Array.from(raw);
  if (type === "float32") return new Float32Array(buffer);
  if (type === "uint8") return new Uint8Array(buffer);
  if (type === "int8") return new Int8Array(buffer);
  return type === "int32" ? new Int32Array(buffer) : new BigInt64Array(buffer);
}

function fromNumbers(type: ElementType, { floatData = [], int32Data = [], int64Data = [] }: TensorProto): TensorData {
  if (type === "float32") return Float32Array.from(floatData);
  if (type === "int64") return BigInt64Array.from(int64Data, BigInt);
  if (type === "uint8") return Uint8Array.from(int32Data);
  return type === "int8" ? Int8Array.from(int32Data) : Int32Array.from(int32Data);
}

function fromValueInfo({ name, type, dims }: ValueInfo): ValueInfoProto {
  const shape = dims && { dim: dims.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) };
  return { name, type: { tensorType: { elemType: elementTypeCodes[type], ...(shape && { shape }) } } };
}

function toValueInfo({ name, type }: ValueInfoProto): ValueInfo {
  const { elemType = 0, shape = undefined } = type?.tensorType ?? {};
  return { name, type: elementTypeFor(elemType, `value ${name}`), dims: shape?.dim.map(toDim) };
}

function toDim({ dimValue, dimParam = "" }: Dimension): number | string {
  return dimValue === undefined ? dimParam : Number(dimValue);
}

function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Int8Array) return "int8";
  return data instanceof Int32Array ? "int32" : "int64";
}

function elementTypeFor(code: number, what: string): ElementType {
  for (const [type, known] of Object.entries(elementTypeCodes)) if (known === code) return type as ElementType;
  throw new FatalError(`${what} has ONNX element type ${code}; expected one of ${JSON.stringify(elementTypeCodes)}`);
}
