import type { ImageRule } from "../../model/manifest";

/** Writes RGB bytes into `target` as planes of red, green and blue, normalised by the model's mean and std. */
export function normalise(pixels: Uint8Array, tables: ChannelTables, target: Float32Array): void {
  const [red, green, blue] = tables;
  const plane = pixels.length / 3;
  for (let pixel = 0, at = 0; pixel < plane; pixel++, at += 3) {
    target[pixel] = red[pixels[at] as number] as number;
    target[plane + pixel] = green[pixels[at + 1] as number] as number;
    target[2 * plane + pixel] = blue[pixels[at + 2] as number] as number;
  }
}

export type ChannelTables = readonly [Float32Array, Float32Array, Float32Array];

/** A byte has only 256 values, so each channel's arithmetic is done once. */
export function channelTables({ mean, std }: Pick<ImageRule, "mean" | "std">): ChannelTables {
  const table = (channel: 0 | 1 | 2) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean[channel]) / std[channel]);
  return [table(0), table(1), table(2)];
}
