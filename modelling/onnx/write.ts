import type { Attribute, ElementType, Graph, Model, Node, Tensor, TensorData, ValueInfo } from "./model";
import { MessageWriter } from "./protobuf";

/** The numbers that ONNX gives its element types. */
export const elementTypeCodes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

const attributeTypeCodes = { float: 1, integer: 2, text: 3, floats: 6, integers: 7 } as const;

export function encodeModel(model: Model): Buffer {
  const message = new MessageWriter()
    .integer(1, model.irVersion)
    .text(2, model.producer)
    .text(6, model.description)
    .message(7, encodeGraph(model.graph));
  for (const [domain, version] of model.opsets) {
    message.message(8, new MessageWriter().text(1, domain).integer(2, version));
  }
  return message.finish();
}

function encodeGraph(graph: Graph): MessageWriter {
  const message = new MessageWriter();
  for (const each of graph.nodes) message.message(1, encodeNode(each));
  message.text(2, graph.name);
  for (const each of graph.initializers.values()) message.message(5, encodeTensor(each));
  for (const each of graph.inputs) message.message(11, encodeValueInfo(each));
  for (const each of graph.outputs) message.message(12, encodeValueInfo(each));
  return message;
}

function encodeNode(node: Node): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(3, node.name).text(4, node.op);
  for (const [name, attribute] of node.attributes) message.message(5, encodeAttribute(name, attribute));
  if (node.domain !== "") message.text(7, node.domain);
  return message;
}

function encodeAttribute(name: string, attribute: Attribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (attribute.kind === "float") message.float(2, attribute.value);
  else if (attribute.kind === "integer") message.integer(3, attribute.value);
  else if (attribute.kind === "text") message.text(4, attribute.value);
  else if (attribute.kind === "floats") for (const value of attribute.value) message.float(7, value);
  else for (const value of attribute.value) message.integer(8, value);
  return message.integer(20, attributeTypeCodes[attribute.kind]);
}

function encodeTensor(tensor: Tensor): MessageWriter {
  const message = new MessageWriter();
  for (const dim of tensor.dims) message.integer(1, dim);
  const { data } = tensor;
  return message
    .integer(2, elementTypeCodes[elementTypeOf(data)])
    .text(8, tensor.name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function encodeValueInfo(value: ValueInfo): MessageWriter {
  const tensorType = new MessageWriter().integer(1, elementTypeCodes[value.type]);
  if (value.dims !== undefined) tensorType.message(2, encodeShape(value.dims));
  return new MessageWriter().text(1, value.name).message(2, new MessageWriter().message(1, tensorType));
}

function encodeShape(dims: (number | string)[]): MessageWriter {
  const shape = new MessageWriter();
  for (const dim of dims) {
    shape.message(1, typeof dim === "number" ? new MessageWriter().integer(1, dim) : new MessageWriter().text(2, dim));
  }
  return shape;
}

function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Int8Array) return "int8";
  return data instanceof Int32Array ? "int32" : "int64";
}
