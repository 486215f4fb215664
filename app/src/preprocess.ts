import sharp, { type Region, type Sharp } from "sharp";
import { errors } from "./errors";
import type { ImageRule } from "./manifest";
import { PixelBudget } from "./pixel-budget";

/** Larger pictures are refused from their header alone, before a pixel is decoded. */
export const maxPixels = 50_000_000;
const decoding = new PixelBudget(maxPixels);

// What reaches a decoder comes from strangers: only these formats are worth the attack surface (no SVG, PDF, ...).
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((format) => `VipsForeignLoad${format}`),
});
// Every picture is new, so a cache only costs memory; requests run side by side, so a second thread for one gains nothing.
sharp.cache(false);
sharp.concurrency(1);

/** Decodes a picture and frames it for the model: size x size RGB bytes, row by row. */
export async function decodeImage(bytes: Buffer, rule: ImageRule): Promise<Uint8Array> {
  try {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: "truncated", sequentialRead: true });
    const { autoOrient: upright, width, height } = await picture.metadata();
    if (width * height > maxPixels)
      throw new Error(`it declares ${width} x ${height} pixels; at most ${maxPixels} are taken`);
    const pixels = framed(picture.autoOrient(), upright, rule)
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" });
    return await decoding.spend(width * height, () => pixels.toBuffer());
  } catch (error) {
    throw errors.notAnImage(firstLine((error as Error).message));
  }
}

/** The first picture through a decoder pays for loading it; a blank one pays in the first caller's place. */
export async function warmDecoder(rule: ImageRule): Promise<void> {
  const blank = sharp({ create: { width: 64, height: 64, channels: 3, background: "black" } });
  await decodeImage(await blank.jpeg().toBuffer(), rule);
}

interface Size {
  width: number;
  height: number;
}

// A decoder that shrinks while it reads may save milliseconds, but samples elsewhere than torchvision: for WebP
// photos the mean difference grows from 0.2 to 3.5 of 255. Without it JPEGs still shrink by powers of two, harmlessly.
const exactly = { fit: "fill", fastShrinkOnLoad: false } as const;

function framed(picture: Sharp, { width, height }: Size, rule: ImageRule): Sharp {
  const shorter = Math.min(width, height);
  if (rule.rule === "resize-then-crop") {
    // torchvision truncates the longer side and rounds the crop's corner half to even.
    const resized = {
      width: width <= height ? rule.shorterSide : Math.trunc((rule.shorterSide * width) / height),
      height: height <= width ? rule.shorterSide : Math.trunc((rule.shorterSide * height) / width),
    };
    return picture
      .resize({ ...resized, ...exactly, kernel: rule.kernel })
      .extract(centred(resized, rule.size, roundHalfToEven));
  }
  const side = Math.max(1, Math.trunc(shorter * rule.cropFraction));
  return picture
    .extract(centred({ width, height }, side, Math.trunc))
    .resize({ width: rule.size, height: rule.size, ...exactly, kernel: rule.kernel });
}

function centred({ width, height }: Size, side: number, round: (value: number) => number): Region {
  return { left: round((width - side) / 2), top: round((height - side) / 2), width: side, height: side };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";
