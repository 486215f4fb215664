import path from "node:path";
import { loadSync } from "protobufjs";
import { FatalError } from "../../app/src/fatal-error";

/** The messages of onnx.proto as protobufjs takes and gives them. Read, an int64 is a text, because a number cannot hold all of it. */
type Int64 = number | string;

export interface ModelProto {
  irVersion: Int64;
  producerName: string;
  docString: string;
  graph: GraphProto | null;
  opsetImport: { domain: string; version: Int64 }[];
}

export interface GraphProto {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  attribute: AttributeProto[];
  domain?: string;
}

export interface AttributeProto {
  name: string;
  f?: number;
  i?: Int64;
  s?: Buffer;
  floats?: number[];
  ints?: Int64[];
  type: number;
}

export interface TensorProto {
  dims: Int64[];
  dataType: number;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: Int64[];
  name: string;
  rawData: Uint8Array;
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape?: { dim: Dimension[] } | null } | null } | null;
}

export interface Dimension {
  dimValue?: Int64;
  dimParam?: string;
}

const schema = loadSync(path.join(__dirname, "onnx.proto")).lookupType("onnx.ModelProto");

export function toBytes(model: ModelProto): Buffer {
  return Buffer.from(schema.encode(model).finish());
}

export function fromBytes(bytes: Buffer): ModelProto {
  try {
    return schema.toObject(schema.decode(bytes), { longs: String, defaults: true }) as ModelProto;
  } catch (error) {
    throw new FatalError(`this is not an ONNX model: ${(error as Error).message}`);
  }
}
