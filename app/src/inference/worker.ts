import { parentPort, workerData } from "node:worker_threads";
import type { ImageRule } from "../model/manifest";
import { type ChannelTables, channelTables, normalise } from "./picture/normalise";
import { InferenceSession, Tensor } from "./runtime";

/** session.run blocks its thread, so each session lives in a worker of its own and the HTTP thread stays free. */
export interface WorkerSetup {
  modelFile: string;
  threads: number;
  maxBatch: number;
  /** Of one input, without the batch dimension. */
  shape: number[];
  /** For pictures: normalises their bytes. */
  pixels?: Pick<ImageRule, "mean" | "std">;
  outputName?: string;
}

export type Input = Uint8Array | Float32Array;
export type Output = (number | string)[] | Float32Array;
export type Reply =
  | { kind: "ready"; maxBatch: number; outputLength: number }
  | { kind: "outputs"; outputs: Output[] }
  | { kind: "failed"; message: string };

export class Session {
  private readonly tables?: ChannelTables;

  private constructor(
    private readonly session: InferenceSession,
    private readonly setup: WorkerSetup,
    private readonly batch: Float32Array,
    readonly maxBatch: number,
  ) {
    this.tables = setup.pixels && channelTables(setup.pixels);
  }

  static async open(setup: WorkerSetup): Promise<Session> {
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
    const { inputNames } = session;
    if (inputNames.length !== 1) throw new Error(`it has the inputs ${inputNames.join(", ")}; expected one`);
    const fixed = fixedBatch(session);
    if (fixed && fixed > 1) throw new Error(`it takes ${fixed} inputs at once; export it with a free batch dimension`);
    const maxBatch = fixed ?? setup.maxBatch;
    return new Session(session, setup, new Float32Array(maxBatch * itemLength(setup.shape)), maxBatch);
  }

  async run(inputs: Input[]): Promise<Output[]> {
    const { shape, outputName } = this.setup;
    const length = itemLength(shape);
    inputs.forEach((input, index) => {
      const item = this.batch.subarray(index * length, (index + 1) * length);
      if (this.tables) normalise(input as Uint8Array, this.tables, item);
      else item.set(input);
    });
    const feed = new Tensor("float32", this.batch.subarray(0, inputs.length * length), [inputs.length, ...shape]);
    const output = outputName ?? this.session.outputNames[0] ?? "";
    const results = await this.session.run({ [this.session.inputNames[0] ?? ""]: feed }, [output]);
    return split(results[output]?.data ?? [], inputs.length);
  }
}

const itemLength = (shape: number[]) => shape.reduce((product, side) => product * side, 1);

/** Models exported without a dynamic batch dimension take exactly as many inputs as they were exported with. */
function fixedBatch(session: InferenceSession): number | undefined {
  const input = session.inputMetadata[0];
  const first = input?.isTensor ? input.shape[0] : undefined;
  return typeof first === "number" && first > 0 ? first : undefined;
}

function split(data: Tensor.DataType | never[], count: number): Output[] {
  const length = data.length / count;
  return Array.from({ length: count }, (_, index) => {
    const item = data.slice(index * length, (index + 1) * length);
    return item instanceof Float32Array ? item : Array.from(item as ArrayLike<number | bigint | string>, plain);
  });
}

const plain = (value: number | bigint | string) => (typeof value === "bigint" ? Number(value) : value);

async function serve(setup: WorkerSetup, port: NonNullable<typeof parentPort>): Promise<void> {
  const session = await Session.open(setup);
  const length = itemLength(setup.shape);
  // The largest batch, so that its memory is allocated now and not under the first load.
  const blank = setup.pixels ? new Uint8Array(length) : new Float32Array(length);
  const [warm] = await session.run(Array.from({ length: session.maxBatch }, () => blank));
  const send = (reply: Reply) => port.postMessage(reply);
  port.on("message", async (inputs: Input[]) => {
    try {
      send({ kind: "outputs", outputs: await session.run(inputs) });
    } catch (error) {
      send({ kind: "failed", message: (error as Error).message });
    }
  });
  send({ kind: "ready", maxBatch: session.maxBatch, outputLength: warm?.length ?? 0 });
}

if (parentPort) void serve(workerData as WorkerSetup, parentPort);
