import { FatalError } from "../../app/src/fatal-error";
import type { Attribute, ElementType, Graph, Model, Node, Tensor, TensorData, ValueInfo } from "./model";
import { type Field, readFields, unpackFloats, unpackIntegers } from "./protobuf";
import { elementTypeCodes } from "./write";

export function decodeModel(bytes: Buffer): Model {
  const model: Model = { irVersion: 0, producer: "", description: "", opsets: new Map(), graph: emptyGraph() };
  for (const field of readFields(bytes)) {
    if (field.number === 1) model.irVersion = Number(field.integer);
    else if (field.number === 2) model.producer = field.bytes.toString();
    else if (field.number === 6) model.description = field.bytes.toString();
    else if (field.number === 7) model.graph = decodeGraph(field.bytes);
    else if (field.number === 8) model.opsets.set(...decodeOpset(field.bytes));
  }
  if (model.graph.nodes.length === 0) throw new FatalError("this is not an ONNX model: it has no graph with nodes");
  return model;
}

const emptyGraph = (): Graph => ({ name: "", nodes: [], initializers: new Map(), inputs: [], outputs: [] });

function decodeOpset(bytes: Buffer): [string, number] {
  let domain = "";
  let version = 0;
  for (const field of readFields(bytes)) {
    if (field.number === 1) domain = field.bytes.toString();
    else if (field.number === 2) version = Number(field.integer);
  }
  return [domain, version];
}

function decodeGraph(bytes: Buffer): Graph {
  const graph = emptyGraph();
  for (const field of readFields(bytes)) {
    if (field.number === 1) graph.nodes.push(decodeNode(field.bytes));
    else if (field.number === 2) graph.name = field.bytes.toString();
    else if (field.number === 5) {
      const tensor = decodeTensor(field.bytes);
      graph.initializers.set(tensor.name, tensor);
    } else if (field.number === 11) graph.inputs.push(decodeValueInfo(field.bytes));
    else if (field.number === 12) graph.outputs.push(decodeValueInfo(field.bytes));
  }
  return graph;
}

function decodeNode(bytes: Buffer): Node {
  const node: Node = { name: "", op: "", domain: "", inputs: [], outputs: [], attributes: new Map() };
  for (const field of readFields(bytes)) {
    if (field.number === 1) node.inputs.push(field.bytes.toString());
    else if (field.number === 2) node.outputs.push(field.bytes.toString());
    else if (field.number === 3) node.name = field.bytes.toString();
    else if (field.number === 4) node.op = field.bytes.toString();
    else if (field.number === 5) node.attributes.set(...decodeAttribute(field.bytes));
    else if (field.number === 7) node.domain = field.bytes.toString();
  }
  return node;
}

function decodeAttribute(bytes: Buffer): [string, Attribute] {
  const fields = [...readFields(bytes)];
  const only = (number: number): Field | undefined => fields.find((field) => field.number === number);
  const all = (number: number): Field[] => fields.filter((field) => field.number === number);
  const name = only(1)?.bytes.toString() ?? "";
  const code = Number(only(20)?.integer ?? 0n);
  // The wire leaves out a zero, so an absent value is one.
  if (code === 1) return [name, { kind: "float", value: only(2)?.bytes.readFloatLE() ?? 0 }];
  if (code === 2) return [name, { kind: "integer", value: Number(BigInt.asIntN(64, only(3)?.integer ?? 0n)) }];
  if (code === 3) return [name, { kind: "text", value: only(4)?.bytes.toString() ?? "" }];
  if (code === 6) return [name, { kind: "floats", value: all(7).flatMap(unpackFloats) }];
  if (code === 7) return [name, { kind: "integers", value: all(8).flatMap(unpackIntegers).map(Number) }];
  throw new Error(`attribute ${name} has ONNX attribute type ${code}; expected a number, a text or a list of numbers`);
}

function decodeTensor(bytes: Buffer): Tensor {
  const dims: number[] = [];
  let code = 0;
  let name = "";
  let raw: Buffer | undefined;
  const floats: number[] = [];
  const integers: bigint[] = [];
  for (const field of readFields(bytes)) {
    if (field.number === 1) dims.push(...unpackIntegers(field).map(Number));
    else if (field.number === 2) code = Number(field.integer);
    else if (field.number === 4) floats.push(...unpackFloats(field));
    else if (field.number === 5 || field.number === 7) integers.push(...unpackIntegers(field));
    else if (field.number === 8) name = field.bytes.toString();
    else if (field.number === 9) raw = field.bytes;
  }
  const type = elementTypeFor(code, `tensor ${name}`);
  const data = raw === undefined ? fromNumbers(type, floats, integers) : fromRaw(type, raw);
  return { name, dims, data };
}

function fromRaw(type: ElementType, raw: Buffer): TensorData {
  // A copy, because the bytes of a tensor need not lie on its element's boundary.
  const { buffer } = Uint8Array.from(raw);
  if (type === "float32") return new Float32Array(buffer);
  if (type === "uint8") return new Uint8Array(buffer);
  if (type === "int8") return new Int8Array(buffer);
  return type === "int32" ? new Int32Array(buffer) : new BigInt64Array(buffer);
}

function fromNumbers(type: ElementType, floats: number[], integers: bigint[]): TensorData {
  if (type === "float32") return Float32Array.from(floats);
  if (type === "int64") return BigInt64Array.from(integers);
  const numbers = integers.map(Number);
  if (type === "uint8") return Uint8Array.from(numbers);
  return type === "int8" ? Int8Array.from(numbers) : Int32Array.from(numbers);
}

function decodeValueInfo(bytes: Buffer): ValueInfo {
  let name = "";
  let code = 0;
  let dims: (number | string)[] | undefined;
  const onTensorType = (field: Field): void => {
    if (field.number === 1) code = Number(field.integer);
    if (field.number === 2) dims = [...readFields(field.bytes)].map((dim) => decodeDim(dim.bytes));
  };
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = field.bytes.toString();
    if (field.number !== 2) continue;
    for (const type of readFields(field.bytes)) for (const part of readFields(type.bytes)) onTensorType(part);
  }
  return { name, type: elementTypeFor(code, `value ${name}`), dims };
}

function decodeDim(bytes: Buffer): number | string {
  for (const field of readFields(bytes)) return field.number === 1 ? Number(field.integer) : field.bytes.toString();
  return "";
}

function elementTypeFor(code: number, what: string): ElementType {
  for (const [type, known] of Object.entries(elementTypeCodes)) if (known === code) return type as ElementType;
  throw new Error(`${what} has ONNX element type ${code}; expected one of ${JSON.stringify(elementTypeCodes)}`);
}
