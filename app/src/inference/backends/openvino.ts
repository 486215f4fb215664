import type { WorkerSetup } from "../worker";
import { assertOneInput, itemLength, type LoadedModel, largestBatch, type Values } from "./backend";
import { type Address, OpenvinoLibrary } from "./openvino-library";

/** Numbers of openvino/c/ov_common.h, with the C type of each. */
const elementTypes: Record<number, string> = { 4: "float", 5: "double", 9: "int32_t", 10: "int64_t" };
const float32 = 4;

export interface OpenvinoSetup {
  /** The file of OpenVINO's C library. */
  library: string;
  /** Whether the start fails when OpenVINO does not run the model; otherwise onnxruntime runs it. */
  isRequired: boolean;
  isBf16: boolean;
  /** Workers that share the compiled model. */
  workers: number;
  /** Where workers find what one of them compiled. */
  shared: SharedArrayBuffer;
}

interface Compiled {
  address: Address;
  maxBatch: number;
}

/**
 * Workers share what one of them compiled. So weights are in memory once, and a lost worker leaves only buffers of inputs and outputs
 * behind.
 */
export function load(setup: WorkerSetup, openvino: OpenvinoSetup): LoadedModel {
  const library = OpenvinoLibrary.open(openvino.library);
  const compiled = compiledOnce(openvino.shared, () => compile(library, setup, openvino));
  return new OpenvinoModel(library, setup, compiled);
}

const [none, underWay, done] = [0n, 1n, 2n];
export const sharedBytes = 3 * BigInt64Array.BYTES_PER_ELEMENT;

/** The first worker compiles while the others wait. After a failure the next one tries. */
function compiledOnce(shared: SharedArrayBuffer, make: () => Compiled): Compiled {
  const slots = new BigInt64Array(shared);
  for (;;) {
    const state = Atomics.compareExchange(slots, 0, none, underWay);
    if (state === done) return { address: slots[1] ?? 0n, maxBatch: Number(slots[2]) };
    if (state === underWay) Atomics.wait(slots, 0, underWay);
    else {
      let next = none;
      try {
        const made = make();
        slots.set([made.address, BigInt(made.maxBatch)], 1);
        next = done;
        return made;
      } finally {
        Atomics.store(slots, 0, next);
        Atomics.notify(slots, 0);
      }
    }
  }
}

function compile(library: OpenvinoLibrary, setup: WorkerSetup, openvino: OpenvinoSetup): Compiled {
  const core = library.get("core_create");
  try {
    const model = library.get("core_read_model", core, setup.modelFile, null);
    try {
      const maxBatch = largestBatch(fixedBatch(library, model), setup.maxBatch);
      const dims = [{ min: 1, max: maxBatch }, ...setup.shape.map((side) => ({ min: side, max: side }))];
      library.call("model_reshape_single_input", model, { rank: { min: dims.length, max: dims.length }, dims });
      const properties = propertiesOf(openvino, setup.threads);
      const address = library.get("core_compile_model_props", core, model, "CPU", properties.length, properties);
      return { address, maxBatch };
    } finally {
      library.call("model_free", model);
    }
  } finally {
    library.call("core_free", core);
  }
}

function propertiesOf({ isBf16, workers }: OpenvinoSetup, threads: number) {
  const properties = {
    INFERENCE_PRECISION_HINT: isBf16 ? "bf16" : "f32",
    // Each stream runs one inference at a time.
    NUM_STREAMS: String(workers),
    INFERENCE_NUM_THREADS: String(workers * threads),
    // Pinned threads take the first CPUs of the machine, even when other processes use them.
    ENABLE_CPU_PINNING: "NO",
    // A vCPU is a hyperthread.
    ENABLE_HYPER_THREADING: "YES",
  };
  return Object.entries(properties).map(([key, value]) => ({ key, value }));
}

interface Dimension {
  min: number | bigint;
  max: number | bigint;
}

function fixedBatch(library: OpenvinoLibrary, model: Address): number | undefined {
  const count = Number(library.get<number | bigint>("model_inputs_size", model));
  const ports = Array.from({ length: count }, (_, index) => library.get("model_const_input_by_index", model, index));
  assertOneInput(ports.map((port) => library.get<string>("port_get_any_name", port)));
  const shape = {} as { rank: Dimension; dims: Address };
  library.call("port_get_partial_shape", ports[0], shape);
  for (const port of ports) library.call("output_const_port_free", port);
  if (shape.rank.min !== shape.rank.max) return undefined;
  const { min, max } = library.decode<Dimension>(shape.dims, "ov_dimension");
  return min === max ? Number(min) : undefined;
}

class OpenvinoModel implements LoadedModel {
  readonly batch: Float32Array;
  readonly maxBatch: number;
  private readonly request: Address;
  /** Inputs of one, two and more, all at the start of the batch. */
  private readonly inputs: Address[];

  constructor(
    private readonly library: OpenvinoLibrary,
    private readonly setup: WorkerSetup,
    { address, maxBatch }: Compiled,
  ) {
    this.maxBatch = maxBatch;
    const shapeOf = (count: number) => ({ rank: setup.shape.length + 1, dims: [count, ...setup.shape] });
    const whole = library.get("tensor_create", float32, shapeOf(maxBatch));
    const data = library.get("tensor_data", whole);
    this.batch = library.floats(data, maxBatch * itemLength(setup.shape));
    this.inputs = Array.from({ length: maxBatch }, (_, index) =>
      library.get("tensor_create_from_host_ptr", float32, shapeOf(index + 1), data),
    );
    this.request = library.get("compiled_model_create_infer_request", address);
  }

  async run(count: number): Promise<Values> {
    const { library, request } = this;
    library.call("infer_request_set_input_tensor", request, this.inputs[count - 1]);
    library.call("infer_request_infer", request);
    const { outputName } = this.setup;
    const output =
      outputName === undefined
        ? library.get("infer_request_get_output_tensor_by_index", request, 0)
        : library.get("infer_request_get_tensor", request, outputName);
    try {
      const type = library.get<number>("tensor_get_element_type", output);
      const name = elementTypes[type];
      if (name === undefined) throw new Error(`its output has element type ${type} of OpenVINO; expected numbers`);
      const length = Number(library.get<number | bigint>("tensor_get_size", output));
      return library.copy<Float32Array>(library.get("tensor_data", output), name, length);
    } finally {
      library.call("tensor_free", output);
    }
  }
}
