import { InferenceSession, Tensor } from "../../app/src/inference/runtime";
import { encodeModel } from "../onnx/file";
import { type Model, outputOf } from "../onnx/model";
import { Histogram, type Range } from "./histogram";

/** What calibrating learned of one tensor: the range to quantise it in, and the mean of each of its channels. */
export interface Observed {
  range: Range;
  channelMeans: Float64Array;
}

/** Runs a float model over pictures and observes its input and everything its nodes produce. */
export async function calibrate(model: Model, pictures: Float32Array[], side: number): Promise<Map<string, Observed>> {
  const [input] = model.graph.inputs;
  if (input === undefined) throw new Error("the model has no input");
  const watches = new Map<string, Watch>();
  const session = await InferenceSession.create(encodeModel(withEveryOutput(model)), { logSeverityLevel: 3 });
  for (const picture of pictures) {
    const tensor = new Tensor("float32", picture, [1, 3, side, side]);
    const values = { [input.name]: tensor, ...(await session.run({ [input.name]: tensor })) };
    for (const [name, { data, dims }] of Object.entries(values)) {
      const watch = watches.get(name) ?? new Watch(dims[1] ?? 1);
      watches.set(name, watch);
      watch.add(data as Float32Array);
    }
  }
  await session.release();
  return new Map([...watches].map(([name, watch]) => [name, watch.observed()]));
}

/** The same model, showing each node's output. */
function withEveryOutput(model: Model): Model {
  const outputs = model.graph.nodes.map((node) => ({ name: outputOf(node), type: "float32" as const }));
  return { ...model, graph: { ...model.graph, outputs } };
}

class Watch {
  private readonly histogram = new Histogram();
  private readonly channelSums: Float64Array;
  private valuesPerChannel = 0;

  constructor(channels: number) {
    this.channelSums = new Float64Array(channels);
  }

  add(values: Float32Array): void {
    this.histogram.add(values);
    const size = values.length / this.channelSums.length;
    this.valuesPerChannel += size;
    for (let channel = 0; channel < this.channelSums.length; channel++) {
      let sum = 0;
      for (let index = channel * size; index < (channel + 1) * size; index++) sum += values[index] ?? 0;
      this.channelSums[channel] = (this.channelSums[channel] ?? 0) + sum;
    }
  }

  observed(): Observed {
    return {
      range: this.histogram.bestRange(),
      channelMeans: this.channelSums.map((sum) => sum / this.valuesPerChannel),
    };
  }
}
