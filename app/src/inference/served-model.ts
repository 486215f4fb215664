import path from "node:path";
import { errors } from "../errors";
import { FatalError } from "../fatal-error";
import type { Manifest, Precision } from "../model/manifest";
import type { ModelInfo, ModelSource } from "../model/model-source";
import type { Backend } from "./backends/choose-backend";
import { type OpenvinoSetup, sharedBytes } from "./backends/openvino";
import { decodeImage, warmDecoder } from "./picture/preprocess";
import { InferencePool, type PoolOptions } from "./pool";
import { type Prediction, topClasses } from "./top-classes";
import type { Output, WorkerSetup } from "./worker";

/** The model that the server runs; its manifest decides which of the two kinds it is. */
export type Model = ImageModel | TensorModel;

interface Common {
  readonly info: ModelInfo;
  /** Whether a warm worker is available. */
  readonly ready: boolean;
  /** Whether its workers stay alive and its runs succeed. */
  readonly isSteady: boolean;
}

export interface ImageModel extends Common {
  readonly input: "image";
  readonly classes: number;
  /** Does not start work once `abandoned` is aborted. */
  classify(picture: Buffer, top: number, abandoned: AbortSignal): Promise<Prediction[]>;
}

export interface TensorModel extends Common {
  readonly input: "tensor";
  readonly features: number;
  predict(features: number[], abandoned: AbortSignal): Promise<TensorPrediction>;
}

export type TensorPrediction = number | string | (number | string)[];

/** The largest batch worth forming: beyond it a run of one thread gets longer, not cheaper per picture. */
const maxBatch: Record<Precision, number> = { fp32: 2, int8: 4 };

export interface Workforce extends Omit<PoolOptions, "setup"> {
  threads: number;
}

export function createPool(source: ModelSource, backend: Backend, { threads, ...workforce }: Workforce): InferencePool {
  const { manifest, precision, file } = source;
  const common = {
    modelFile: path.join(source.folder, file.file),
    threads,
    maxBatch: maxBatch[precision],
    outputName: manifest.outputName,
    openvino: openvinoSetup(backend, workforce.workers),
  };
  const setup: WorkerSetup =
    manifest.input === "image"
      ? { ...common, shape: [3, manifest.image.size, manifest.image.size], pixels: manifest.image }
      : { ...common, shape: [manifest.features] };
  return new InferencePool({ ...workforce, setup });
}

/** Resolves once every worker has run the model and the image decoder is loaded. */
export async function warmUp({ manifest, labels }: ModelSource, pool: InferencePool): Promise<void> {
  await Promise.all([pool.start(), manifest.input === "image" ? warmDecoder(manifest.image) : undefined]);
  if (labels && labels.length !== pool.outputLength) {
    throw new FatalError(
      `model ${manifest.name} has ${pool.outputLength} outputs, but its labels file has ${labels.length} lines; expected one line a class`,
    );
  }
}

function openvinoSetup({ openvino, precision }: Backend, workers: number): OpenvinoSetup | undefined {
  if (openvino === undefined) return undefined;
  return { ...openvino, isBf16: precision === "bf16", workers, shared: new SharedArrayBuffer(sharedBytes) };
}

/** `secondsFor` is how long the workers take for so many inputs. */
export function createModel(
  source: ModelSource,
  backend: Backend,
  pool: InferencePool,
  secondsFor: (inputs: number) => number,
): Model {
  const { manifest, labels } = source;
  const describe = () => describeModel(source, backend, pool);
  return manifest.input === "image"
    ? new PooledImageModel(describe, pool, manifest, labels ?? [], secondsFor)
    : new PooledTensorModel(describe, pool, manifest, labels);
}

function describeModel({ manifest, precision, file }: ModelSource, chosen: Backend, pool: InferencePool): ModelInfo {
  const { runtime, precision: run } = pool.openvinoRefusal ? { runtime: "onnxruntime" as const, precision } : chosen;
  return { name: manifest.name, version: manifest.version, runtime, precision: run, sha256: file.sha256 };
}

class PooledImageModel implements ImageModel {
  readonly input = "image";

  constructor(
    private readonly describe: () => ModelInfo,
    private readonly pool: InferencePool,
    private readonly manifest: Extract<Manifest, { input: "image" }>,
    private readonly labels: readonly string[],
    private readonly secondsFor: (inputs: number) => number,
  ) {}

  get info(): ModelInfo {
    return this.describe();
  }

  get ready(): boolean {
    return this.pool.ready;
  }

  get isSteady(): boolean {
    return this.pool.isSteady;
  }

  get classes(): number {
    return this.labels.length;
  }

  async classify(picture: Buffer, top: number, abandoned: AbortSignal): Promise<Prediction[]> {
    const secondsOfModel = () => this.secondsFor(this.pool.size);
    const pixels = await decodeImage(picture, this.manifest.image, abandoned, secondsOfModel);
    return topClasses(await this.pool.run(pixels, abandoned), this.labels, this.manifest.activation, top);
  }
}

class PooledTensorModel implements TensorModel {
  readonly input = "tensor";
  readonly features: number;

  constructor(
    private readonly describe: () => ModelInfo,
    private readonly pool: InferencePool,
    { features }: Extract<Manifest, { input: "tensor" }>,
    private readonly labels: readonly string[] | undefined,
  ) {
    this.features = features;
  }

  get info(): ModelInfo {
    return this.describe();
  }

  get ready(): boolean {
    return this.pool.ready;
  }

  get isSteady(): boolean {
    return this.pool.isSteady;
  }

  async predict(features: number[], abandoned: AbortSignal): Promise<TensorPrediction> {
    const output = await this.pool.run(Float32Array.from(features), abandoned);
    return this.labels ? bestLabel(output, this.labels) : plainest(output);
  }
}

function bestLabel(output: Output, labels: readonly string[]): string {
  // No activation changes which output is the largest.
  const [best] = topClasses(output, labels, "none", 1);
  if (!best) throw errors.failed();
  return best.class;
}

function plainest(output: Output): TensorPrediction {
  const values = Array.from<number | string>(output);
  return values.length === 1 && values[0] !== undefined ? values[0] : values;
}
