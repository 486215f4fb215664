import sharp, { type Region, type Sharp } from "sharp";
import type { ImageRule } from "./manifest";

/** Larger pictures are refused from their header alone, before a pixel is decoded. */
export const maxPixels = 50_000_000;

// What reaches a decoder comes from strangers: only these formats are worth the attack surface (no SVG, PDF, ...).
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((format) => `VipsForeignLoad${format}`),
});
// Every picture is new, so a cache only costs memory; requests run side by side, so a second thread for one gains nothing.
sharp.cache(false);
sharp.concurrency(1);

export class NotAnImageError extends Error {}

/** Decodes a picture and frames it for the model: size x size RGB bytes, row by row. */
export async function decodeImage(bytes: Buffer, rule: ImageRule): Promise<Uint8Array> {
  try {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: "truncated", sequentialRead: true });
    const { autoOrient: upright, width, height } = await picture.metadata();
    if (width * height > maxPixels)
      throw new Error(`it declares ${width} x ${height} pixels; at most ${maxPixels} are taken`);
    const { data } = await framed(picture.autoOrient(), upright, rule)
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return data;
  } catch (error) {
    throw new NotAnImageError(`the file is not an image this server can read: ${firstLine((error as Error).message)}`);
  }
}

interface Size {
  width: number;
  height: number;
}

function framed(picture: Sharp, { width, height }: Size, rule: ImageRule): Sharp {
  const shorter = Math.min(width, height);
  if (rule.rule === "resize-then-crop") {
    // torchvision truncates the longer side and rounds the crop's corner half to even.
    const resized = {
      width: width <= height ? rule.shorterSide : Math.trunc((rule.shorterSide * width) / height),
      height: height <= width ? rule.shorterSide : Math.trunc((rule.shorterSide * height) / width),
    };
    return picture
      .resize({ ...resized, fit: "fill", kernel: rule.kernel })
      .extract(centred(resized, rule.size, roundHalfToEven));
  }
  const side = Math.max(1, Math.trunc(shorter * rule.cropFraction));
  return picture
    .extract(centred({ width, height }, side, Math.trunc))
    .resize({ width: rule.size, height: rule.size, fit: "fill", kernel: rule.kernel });
}

function centred({ width, height }: Size, side: number, round: (value: number) => number): Region {
  return { left: round((width - side) / 2), top: round((height - side) / 2), width: side, height: side };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";

/** RGB bytes into `target` as planes of red, green and blue: what the model's mean and std make of them. */
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
