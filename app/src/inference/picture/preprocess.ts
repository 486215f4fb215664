import sharp, { type Metadata, type Region, type Sharp } from "sharp";
import { errors, RequestError } from "../../errors";
import type { ImageRule } from "../../model/manifest";
import { DecodeBudget } from "./decode-budget";
import { decodingBytes } from "./decode-cost";
import { enlarge } from "./enlarge";
import { withoutBallast } from "./picture-file";

/** Larger pictures are refused from their header alone, before a pixel is decoded: by time, and by memory. */
const maxPixels = 50_000_000;
const budgetMiB = 224;
const decoding = new DecodeBudget(budgetMiB * 1024 * 1024);

// What reaches a decoder comes from strangers: only these formats are worth the attack surface (no SVG, PDF, ...).
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((format) => `VipsForeignLoad${format}`),
});
// Every picture is new, so a cache only costs memory; requests run side by side, so a second thread for one gains nothing.
sharp.cache(false);
sharp.concurrency(1);

const howToRead = {
  // decodeImage has its own, which says the size and the limit.
  limitInputPixels: false,
  failOn: "truncated",
  sequentialRead: true,
  // torchvision takes colours as they are stored, so models have learnt them so. Heeding a profile would also cost more than decoding.
  ignoreIcc: true,
} as const;

/** Decodes a picture and frames it for the model: size x size RGB bytes, row by row. */
export async function decodeImage(bytes: Buffer, rule: ImageRule, abandoned?: AbortSignal): Promise<Uint8Array> {
  try {
    const file = withoutBallast(bytes);
    const picture = sharp(file, howToRead);
    const header = await picture.metadata();
    return await decoding.spend(affordable(header, file), async () => {
      if (abandoned?.aborted) throw errors.gone();
      return framed(picture.autoOrient(), header.autoOrient, rule);
    });
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw errors.notAnImage(firstLine((error as Error).message));
  }
}

/** What decoding it takes of the budget, if that is enough. */
function affordable(header: Metadata, file: Buffer): number {
  const { width, height } = header;
  if (width * height > maxPixels)
    throw new Error(`it declares ${width} x ${height} pixels; at most ${maxPixels} are taken`);
  const bytes = decodingBytes(header, file);
  if (bytes > decoding.bytes) {
    const mib = Math.ceil(bytes / 1024 / 1024);
    throw new Error(
      `${width} x ${height} pixels of this format take up to ${mib} MiB to decode, of at most ${budgetMiB}; send it smaller, or as a plain JPEG`,
    );
  }
  return bytes;
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

async function framed(picture: Sharp, whole: Size, rule: ImageRule): Promise<Uint8Array> {
  const { size, kernel } = rule;
  if (rule.rule === "crop-then-resize") {
    const side = Math.max(1, Math.trunc(Math.min(whole.width, whole.height) * rule.cropFraction));
    const square = picture.extract(centred(whole, side, Math.trunc));
    if (side >= size) return rgb(square.resize({ width: size, height: size, ...exactly, kernel }));
    const axis = { from: side, to: size, start: 0, count: size };
    return enlarge(await rgb(square), axis, axis, kernel);
  }
  const resized = shorterSideTo(rule.shorterSide, whole);
  const crop = centred(resized, size, roundHalfToEven);
  if (resized.width <= whole.width) return rgb(picture.resize({ ...resized, ...exactly, kernel }).extract(crop));
  const across = { from: whole.width, to: resized.width, start: crop.left, count: size };
  const down = { from: whole.height, to: resized.height, start: crop.top, count: size };
  return enlarge(await rgb(picture), across, down, kernel);
}

/** sRGB of 8 bits a channel, which is what raw output is unless asked otherwise. */
const rgb = (picture: Sharp): Promise<Uint8Array> => picture.flatten({ background: "white" }).raw().toBuffer();

/** torchvision truncates the longer side. */
function shorterSideTo(side: number, { width, height }: Size): Size {
  return {
    width: width <= height ? side : Math.trunc((side * width) / height),
    height: height <= width ? side : Math.trunc((side * height) / width),
  };
}

function centred({ width, height }: Size, side: number, round: (value: number) => number): Region {
  return { left: round((width - side) / 2), top: round((height - side) / 2), width: side, height: side };
}

/** As torchvision rounds the corner of its crop. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";
