import { InferenceSession, Tensor } from "../runtime";
import type { WorkerSetup } from "../worker";
import { assertOneInput, itemLength, type LoadedModel, largestBatch, type Values } from "./backend";

export async function load(setup: WorkerSetup): Promise<LoadedModel> {
  const session = await InferenceSession.create(setup.modelFile, {
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    interOpNumThreads: 1,
    intraOpNumThreads: setup.threads,
    // Activations come from an arena, which costs no page faults. Weights stay out of it and the plan that would keep
    // one block for every batch size is not made: both would hold memory permanently.
    enableCpuMemArena: true,
    enableMemPattern: false,
    extra: {
      session: {
        // Spinning threads burn the CPU share that decoding needs.
        intra_op: { allow_spinning: "0" },
        use_device_allocator_for_initializers: "1",
      },
    },
  });
  assertOneInput(session.inputNames);
  return new OnnxruntimeModel(session, setup, largestBatch(fixedBatch(session), setup.maxBatch));
}

class OnnxruntimeModel implements LoadedModel {
  readonly batch: Float32Array;

  constructor(
    private readonly session: InferenceSession,
    private readonly setup: WorkerSetup,
    readonly maxBatch: number,
  ) {
    this.batch = new Float32Array(maxBatch * itemLength(setup.shape));
  }

  async run(count: number): Promise<Values> {
    const { shape, outputName } = this.setup;
    const feed = new Tensor("float32", this.batch.subarray(0, count * itemLength(shape)), [count, ...shape]);
    const output = outputName ?? this.session.outputNames[0] ?? "";
    const results = await this.session.run({ [this.session.inputNames[0] ?? ""]: feed }, [output]);
    return results[output]?.data ?? [];
  }
}

function fixedBatch(session: InferenceSession): number | undefined {
  const input = session.inputMetadata[0];
  const first = input?.isTensor ? input.shape[0] : undefined;
  return typeof first === "number" && first > 0 ? first : undefined;
}
