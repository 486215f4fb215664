import "./decoder-threads";
import sharp, { type Metadata, type Region, type Sharp } from "sharp";
import { errors, RequestError } from "../../errors";
import type { ImageRule } from "../../model/manifest";
import { DecodeBudget } from "./decode-budget";
import { decodingBytes } from "./decode-cost";
import { enlarge } from "./enlarge";
import { withoutBallast } from "./picture-file";

/** Larger pictures are refused by their header, before a pixel is decoded. This one limits the time, the budget the memory. */
const maxPixels = 50_000_000;
const budgetMiB = 224;
const decoding = new DecodeBudget(budgetMiB * 1024 * 1024);

// Callers choose what reaches a decoder, so only these formats are enabled (no SVG, PDF, ...).
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((format) => `VipsForeignLoad${format}`),
});
// Every picture is new, so a cache only costs memory. Requests run in parallel, so a second thread for one gains nothing.
sharp.cache(false);
sharp.concurrency(1);

const howToRead = {
  // decodeImage has a limit of its own, whose error names the size and the limit.
  limitInputPixels: false,
  failOn: "truncated",
  sequentialRead: true,
  // torchvision ignores colour profiles, so models were trained without them. Applying one would also cost more than decoding.
  ignoreIcc: true,
} as const;

/**
 * Decodes a picture and frames it for the model: size x size RGB bytes, row by row. `secondsOfModel` is how long the inputs that wait
 * for the model take.
 */
export async function decodeImage(
  bytes: Buffer,
  rule: ImageRule,
  abandoned?: AbortSignal,
  secondsOfModel: () => number = () => 0,
): Promise<Uint8Array> {
  try {
    const file = withoutBallast(bytes);
    const picture = sharp(file, howToRead);
    const header = await picture.metadata();
    const work = async () => {
      if (abandoned?.aborted) throw errors.gone();
      return framed(picture.autoOrient(), header.autoOrient, rule);
    };
    return await decoding.spend(affordable(header, file), work, secondsOfModel());
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw errors.notAnImage(firstLine((error as Error).message));
  }
}

/** The bytes that decoding takes; an error when they exceed the budget. */
function affordable(header: Metadata, file: Buffer): number {
  const { width, height } = header;
  if (width * height > maxPixels)
    throw new Error(`it declares ${width} x ${height} pixels; expected at most ${maxPixels}`);
  const bytes = decodingBytes(header, file);
  if (bytes > decoding.bytes) {
    const mib = Math.ceil(bytes / 1024 / 1024);
    throw new Error(
      `${width} x ${height} pixels of this format take up to ${mib} MiB to decode; expected at most ${budgetMiB}. Send it smaller, or as a baseline JPEG`,
    );
  }
  return bytes;
}

/** Decodes a blank picture, so that the first caller does not wait for the decoder to load. */
export async function warmDecoder(rule: ImageRule): Promise<void> {
  const blank = sharp({ create: { width: 64, height: 64, channels: 3, background: "black" } });
  await decodeImage(await blank.jpeg().toBuffer(), rule);
}

interface Size {
  width: number;
  height: number;
}

// A decoder that shrinks while it reads may save milliseconds, but samples other positions than torchvision: for WebP
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

/** By default raw output is sRGB with 8 bits a channel. */
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
