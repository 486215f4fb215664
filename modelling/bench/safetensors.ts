import type { Graph } from "../onnx/model";

/** A model's weights in the safetensors layout: a header in JSON, then the numbers. Python reads it in a few lines. */
export function encodeSafetensors(graph: Graph): Buffer {
  const header: Record<string, { dtype: "F32"; shape: number[]; data_offsets: [number, number]; count: number }> = {};
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const { name, dims, data } of graph.initializers.values()) {
    const end = offset + data.byteLength;
    header[torchvisionName(name)] = { dtype: "F32", shape: dims, data_offsets: [offset, end], count: data.length };
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...chunks]);
}

/** torchvision keeps the downsampling convolution as part 0 of a pair. */
const torchvisionName = (name: string) => name.replace("downsample.", "downsample.0.");
