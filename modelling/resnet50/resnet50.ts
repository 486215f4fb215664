import { type Graph, integer, integers, type Model, type Node, node } from "../onnx/model";
import { Random } from "./random";

/** Bottleneck width, number of blocks and stride of the first block, for each of the four stages. */
const stages = [
  { width: 64, blocks: 3, stride: 1 },
  { width: 128, blocks: 4, stride: 2 },
  { width: 256, blocks: 6, stride: 2 },
  { width: 512, blocks: 3, stride: 2 },
];
const expansion = 4;
const classes = 1000;

/**
 * Random weights tend to send every picture to one class, because Relu leaves a mean that grows with depth and drowns
 * what differs between pictures. So most of each filter's own mean is taken out (all of it would make the network
 * chaotic, and rounding to int8 with it), and the blocks change little of what flows past them.
 */
const meanTakenOut = 0.6;
/** Length of a filter's weights: what keeps the variance after a Relu, save for block ends and the classifier. */
const gains = { conv: 1.6, downsample: 1.7, blockEnd: 0.15, classifier: 6 };
const biasSpread = 0.05;
/** Goes with the likely classes below. */
export const defaultSeed = 11;
/**
 * Only these classes answer loudly. Among 1000 equals the two foremost would be too near each other to tell apart. These, because under
 * the default seed the photos of photos/ fall into six of them, none by less than 0.45: int8 moves a logit by up to 0.3, on one CPU
 * otherwise than on another.
 */
const likelyClasses = { first: 396, count: 16 };

const isLikely = (label: number) => label >= likelyClasses.first && label < likelyClasses.first + likelyClasses.count;

/** ResNet50 as torchvision has it, batch normalisation folded into the convolutions, weights drawn from `seed`. */
export function buildResnet50(seed: number): Model {
  const builder = new Builder(seed);
  let features = builder.conv("conv1", "input", { from: 3, to: 64, kernel: 7, stride: 2, gain: gains.conv });
  features = builder.add(node("Relu", [features], "relu"));
  const pool = { kernel_shape: integers(3, 3), strides: integers(2, 2), pads: integers(1, 1, 1, 1) };
  features = builder.add(node("MaxPool", [features], "maxpool", pool));
  let channels = 64;
  for (const [stage, { width, blocks, stride }] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      features = builder.bottleneck(name, features, { from: channels, width, stride: block === 0 ? stride : 1 });
      channels = width * expansion;
    }
  }
  features = builder.add(node("GlobalAveragePool", [features], "avgpool"));
  features = builder.add(node("Flatten", [features], "flatten", { axis: integer(1) }));
  builder.classifier(features, channels);
  return {
    irVersion: 8,
    producer: "resnet50 generator",
    description: `ResNet50 in shape only: random weights from seed ${seed}. It is for measuring speed; its answers mean nothing.`,
    opsets: new Map([["", 17]]),
    graph: builder.graph,
  };
}

interface ConvShape {
  from: number;
  to: number;
  kernel: number;
  stride: number;
  gain: number;
}

class Builder {
  readonly graph: Graph = {
    name: "resnet50",
    nodes: [],
    initializers: new Map(),
    inputs: [{ name: "input", type: "float32", dims: ["batch", 3, 224, 224] }],
    outputs: [{ name: "logits", type: "float32", dims: ["batch", classes] }],
  };
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  add(made: Node): string {
    this.graph.nodes.push(made);
    return made.name;
  }

  conv(name: string, input: string, { from, to, kernel, stride, gain }: ConvShape): string {
    this.filters(`${name}.weight`, [to, from, kernel, kernel], () => gain);
    this.constant(
      `${name}.bias`,
      [to],
      new Float32Array(to).map(() => biasSpread * unit * this.random.uniform()),
    );
    const pad = (kernel - 1) / 2;
    return this.add(
      node("Conv", [input, `${name}.weight`, `${name}.bias`], name, {
        kernel_shape: integers(kernel, kernel),
        strides: integers(stride, stride),
        pads: integers(pad, pad, pad, pad),
      }),
    );
  }

  bottleneck(
    name: string,
    input: string,
    { from, width, stride }: { from: number; width: number; stride: number },
  ): string {
    const to = width * expansion;
    const gain = gains.conv;
    let branch = this.conv(`${name}.conv1`, input, { from, to: width, kernel: 1, stride: 1, gain });
    branch = this.add(node("Relu", [branch], `${name}.relu1`));
    // torchvision puts the stride on the 3x3 convolution, not on the first 1x1.
    branch = this.conv(`${name}.conv2`, branch, { from: width, to: width, kernel: 3, stride, gain });
    branch = this.add(node("Relu", [branch], `${name}.relu2`));
    branch = this.conv(`${name}.conv3`, branch, { from: width, to, kernel: 1, stride: 1, gain: gains.blockEnd });
    const shortcut =
      from === to
        ? input
        : this.conv(`${name}.downsample`, input, { from, to, kernel: 1, stride, gain: gains.downsample });
    const sum = this.add(node("Add", [branch, shortcut], `${name}.add`));
    return this.add(node("Relu", [sum], `${name}.relu3`));
  }

  classifier(input: string, channels: number): void {
    this.filters("fc.weight", [classes, channels], (label) => (isLikely(label) ? gains.classifier : 1));
    this.constant("fc.bias", [classes], new Float32Array(classes));
    this.add(node("Gemm", [input, "fc.weight", "fc.bias"], "logits", { transB: integer(1) }));
  }

  private filters(name: string, dims: number[], gainOf: (filter: number) => number): void {
    const [count = 0, ...rest] = dims;
    const size = rest.reduce((product, dim) => product * dim, 1);
    const data = new Float32Array(count * size);
    for (let filter = 0; filter < count; filter++) {
      drawFilter(this.random, data.subarray(filter * size, (filter + 1) * size), gainOf(filter));
    }
    this.constant(name, dims, data);
  }

  private constant(name: string, dims: number[], data: Float32Array): void {
    this.graph.initializers.set(name, { name, dims, data });
  }
}

/** What a uniform number is multiplied with to have variance 1. */
const unit = Math.sqrt(3);

function drawFilter(random: Random, filter: Float32Array, gain: number): void {
  const scale = (gain * unit) / Math.sqrt(filter.length);
  let mean = 0;
  for (let index = 0; index < filter.length; index++) {
    const value = random.uniform();
    filter[index] = value;
    mean += value / filter.length;
  }
  for (let index = 0; index < filter.length; index++) {
    filter[index] = ((filter[index] ?? 0) - meanTakenOut * mean) * scale;
  }
}
