import { type Graph, inputOf, integerOf, integersOf, type Node, outputOf } from "./model";

export interface Cost {
  nodes: number;
  parameters: number;
  /** Multiply-accumulates of one inference at batch 1. */
  macs: number;
}

/** Counts a model's work from its graph alone, following the shapes from the inputs on. */
export function costOf(graph: Graph): Cost {
  const shapes = new Map<string, number[]>();
  for (const { name, dims = [] } of graph.inputs) {
    shapes.set(
      name,
      dims.map((dim) => (typeof dim === "number" ? dim : 1)),
    );
  }
  for (const tensor of graph.initializers.values()) shapes.set(tensor.name, tensor.dims);
  let macs = 0;
  for (const node of graph.nodes) {
    const output = shapeOf(node, shapes);
    shapes.set(outputOf(node), output);
    macs += macsOf(node, output, shapes);
  }
  let parameters = 0;
  for (const tensor of graph.initializers.values()) parameters += product(tensor.dims);
  return { nodes: graph.nodes.length, parameters, macs };
}

function macsOf(node: Node, output: number[], shapes: Map<string, number[]>): number {
  if (node.op !== "Conv" && node.op !== "Gemm") return 0;
  const weights = known(shapes, inputOf(node, 1));
  const perOutput = node.op === "Conv" ? product(weights.slice(1)) : product(weights) / (output[1] ?? 1);
  return product(output) * perOutput;
}

function shapeOf(node: Node, shapes: Map<string, number[]>): number[] {
  const input = known(shapes, inputOf(node, 0));
  const [batch = 1, channels = 1] = input;
  switch (node.op) {
    case "Relu":
    case "Clip":
    case "Add":
      return input;
    case "Conv":
      return [batch, known(shapes, inputOf(node, 1))[0] ?? 1, ...slide(node, input.slice(2))];
    case "MaxPool":
      return [batch, channels, ...slide(node, input.slice(2))];
    case "GlobalAveragePool":
      return [batch, channels, 1, 1];
    case "Flatten":
      return [batch, product(input.slice(1))];
    case "Gemm":
      return [batch, known(shapes, inputOf(node, 1))[integerOf(node, "transB", 0) === 1 ? 0 : 1] ?? 1];
    default:
      throw new Error(`the cost of operator ${node.op} (node ${node.name}) is not known`);
  }
}

/** Where a kernel can stand along each axis. */
function slide(node: Node, sizes: number[]): number[] {
  const kernel = integersOf(node, "kernel_shape", [1, 1]);
  const strides = integersOf(node, "strides", [1, 1]);
  const pads = integersOf(node, "pads", [0, 0, 0, 0]);
  return sizes.map((size, axis) => {
    const padded = size + (pads[axis] ?? 0) + (pads[axis + sizes.length] ?? 0);
    return Math.floor((padded - (kernel[axis] ?? 1)) / (strides[axis] ?? 1)) + 1;
  });
}

function known(shapes: Map<string, number[]>, name: string): number[] {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`nothing before it produces ${name}`);
  return shape;
}

const product = (numbers: number[]): number => numbers.reduce((total, each) => total * each, 1);
