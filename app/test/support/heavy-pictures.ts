import { deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { blackTiff } from "./tiff";

/** The tiled float TIFF whose 97 kB took 880 MB to decode. */
export const floatTiff = () => blackTiff({ width: 7488, height: 6656, channels: 4, bits: 32, tile: 2496 });

const small = () => sharp({ create: { width: 16, height: 16, channels: 3, background: "teal" } });

/** A PNG with texts that inflate to `megabytes` each. */
export async function textBomb(texts: number, megabytes: number): Promise<Buffer> {
  const png = await small().png().toBuffer();
  const text = deflateSync(Buffer.alloc(megabytes * 1e6, 65), { level: 9 });
  const chunks = Array.from({ length: texts }, (_, index) => pngChunk("zTXt", `key ${index}\0\0`, text));
  return Buffer.concat([png.subarray(0, endOfHeader), ...chunks, png.subarray(endOfHeader)]);
}

const endOfHeader = 33;

function pngChunk(type: string, before: string, content: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from(type + before, "latin1"), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length - type.length);
  checksum.writeUInt32BE(crc32(data));
  return Buffer.concat([length, data, checksum]);
}

/** A PNG of 16 bits, interlaced, that declares these sides and has next to no pixels. */
export async function deepPng(width: number, height: number): Promise<Buffer> {
  const png = await small().ensureAlpha().toColourspace("rgb16").png({ progressive: true }).toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A progressive JPEG with all of its colours that declares these sides. */
export async function progressiveJpeg(width: number, height: number): Promise<Buffer> {
  const jpeg = await small().jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer();
  const frame = jpeg.indexOf(Buffer.from("ffc2", "hex"));
  jpeg.writeUInt16BE(height, frame + 5);
  jpeg.writeUInt16BE(width, frame + 7);
  return jpeg;
}

async function animation(save: (picture: Sharp) => Sharp): Promise<Buffer> {
  const frames = await Promise.all(
    ["red", "blue"].map((background) =>
      sharp({ create: { width: 16, height: 16, channels: 4, background } })
        .png()
        .toBuffer(),
    ),
  );
  return save(sharp(frames, { join: { animated: true } })).toBuffer();
}

/** An animated WebP of that many frames. */
export async function animatedWebp(frames: number): Promise<Buffer> {
  const webp = await animation((picture) => picture.webp({ lossless: true }));
  const first = webp.indexOf("ANMF");
  const frame = webp.subarray(first, first + 8 + webp.readUInt32LE(first + 4));
  const long = Buffer.concat([webp.subarray(0, first), ...Array.from({ length: frames }, () => frame)]);
  long.writeUInt32LE(long.length - 8, 4);
  return long;
}

/** A GIF of that many frames of one pixel. */
export function animatedGif(frames: number): Buffer {
  const head = Buffer.from("47494638396110001000800000000000ffffff", "hex");
  const frame = Buffer.from("2c0000000001000100000202440100", "hex");
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from(";")]);
}
