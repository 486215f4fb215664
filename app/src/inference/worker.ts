import { parentPort, workerData } from "node:worker_threads";
import { garbage } from "../garbage";
import type { ImageRule } from "../model/manifest";
import { itemLength, type LoadedModel, type Values } from "./backends/backend";
import { load as loadOpenvino, type OpenvinoSetup } from "./backends/openvino";
import { giveWay, niceness } from "./give-way";
import { type ChannelTables, channelTables, normalise } from "./picture/normalise";

/** A run blocks its thread, so each session lives in a worker of its own and the HTTP thread stays free. */
export interface WorkerSetup {
  modelFile: string;
  threads: number;
  maxBatch: number;
  /** Of one input, without the batch dimension. */
  shape: number[];
  /** For pictures: normalises their bytes. */
  pixels?: Pick<ImageRule, "mean" | "std">;
  outputName?: string;
  /** Absent: onnxruntime runs the model. */
  openvino?: OpenvinoSetup;
}

export type Input = Uint8Array | Float32Array;
export type Output = (number | string)[] | Float32Array;
export type Reply =
  | { kind: "ready"; maxBatch: number; outputLength: number; openvinoRefusal?: string }
  | { kind: "outputs"; outputs: Output[] }
  | { kind: "failed"; message: string };

export class Session {
  private readonly tables?: ChannelTables;

  private constructor(
    private readonly model: LoadedModel,
    private readonly setup: WorkerSetup,
  ) {
    this.tables = setup.pixels && channelTables(setup.pixels);
  }

  static async open(setup: WorkerSetup): Promise<Session> {
    if (setup.openvino) return new Session(loadOpenvino(setup, setup.openvino), setup);
    // The library takes memory, so it is loaded only when it runs the model.
    const { load } = await import("./backends/onnxruntime");
    return new Session(await load(setup), setup);
  }

  get maxBatch(): number {
    return this.model.maxBatch;
  }

  async run(inputs: Input[]): Promise<Output[]> {
    const length = itemLength(this.setup.shape);
    inputs.forEach((input, index) => {
      const item = this.model.batch.subarray(index * length, (index + 1) * length);
      if (this.tables) normalise(input as Uint8Array, this.tables, item);
      else item.set(input);
    });
    const outputs = split(await this.model.run(inputs.length), inputs.length);
    garbage.brief(inputs.reduce((bytes, { byteLength }) => bytes + byteLength, 0));
    return outputs;
  }
}

function split(data: Values, count: number): Output[] {
  const length = data.length / count;
  return Array.from({ length: count }, (_, index) => {
    const item = data.slice(index * length, (index + 1) * length);
    return item instanceof Float32Array ? item : Array.from(item as ArrayLike<number | bigint | string>, plain);
  });
}

const plain = (value: number | bigint | string) => (typeof value === "bigint" ? Number(value) : value);

interface Opened {
  session: Session;
  outputLength: number;
  openvinoRefusal?: string;
}

/** Runs the largest batch, so that its memory is allocated now and not under the first load. */
async function openWarm(setup: WorkerSetup): Promise<Opened> {
  const session = await Session.open(setup);
  const length = itemLength(setup.shape);
  const blank = setup.pixels ? new Uint8Array(length) : new Float32Array(length);
  const [warm] = await session.run(Array.from({ length: session.maxBatch }, () => blank));
  return { session, outputLength: warm?.length ?? 0 };
}

/** OpenVINO lacks operators that onnxruntime has. */
async function openWhereItRuns(setup: WorkerSetup): Promise<Opened> {
  if (!setup.openvino || setup.openvino.isRequired) return openWarm(setup);
  try {
    return await openWarm(setup);
  } catch (error) {
    const opened = await openWarm({ ...setup, openvino: undefined });
    return { ...opened, openvinoRefusal: (error as Error).message };
  }
}

async function serve(setup: WorkerSetup, port: NonNullable<typeof parentPort>): Promise<void> {
  giveWay(niceness.model);
  const { session, ...opened } = await openWhereItRuns(setup);
  const send = (reply: Reply) => port.postMessage(reply);
  port.on("message", async (inputs: Input[]) => {
    try {
      send({ kind: "outputs", outputs: await session.run(inputs) });
    } catch (error) {
      send({ kind: "failed", message: (error as Error).message });
    }
  });
  send({ kind: "ready", maxBatch: session.maxBatch, ...opened });
}

if (parentPort) void serve(workerData as WorkerSetup, parentPort);
