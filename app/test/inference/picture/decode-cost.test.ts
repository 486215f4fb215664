import assert from "node:assert/strict";
import type { Metadata } from "sharp";
import { decodingBytes } from "../../../src/inference/picture/decode-cost";
import { decodeImage } from "../../../src/inference/picture/preprocess";
import { animatedWebp, deepPng, floatTiff, progressiveJpeg, textBomb } from "../../support/heavy-pictures";
import { blackTiff } from "../../support/tiff";

const rule = { rule: "crop-then-resize", cropFraction: 1, size: 8, kernel: "linear" } as const;
const decode = (file: Buffer) => decodeImage(file, { ...rule, mean: [0, 0, 0], std: [1, 1, 1] });

describe("decodingBytes", () => {
  const header = (format: string, width: number, height: number, more: object = {}) =>
    ({ format, width, height, channels: 3, depth: "uchar", isProgressive: false, ...more }) as Metadata;
  const colours = { isProgressive: true, chromaSubsampling: "4:4:4" };
  const deep = { depth: "ushort", channels: 4 };

  // The last column is the peak of the resident memory over what the process had, in MB, as it was measured with sharp 0.35.5.
  for (const [what, picture, measuredMb] of [
    ["a JPEG", header("jpeg", 6400, 5000), 25],
    ["a JPEG that is turned", header("jpeg", 6400, 5000, { orientation: 6 }), 105],
    ["a wide JPEG", header("jpeg", 65_000, 384), 156],
    ["a progressive JPEG", header("jpeg", 6400, 5000, { ...colours, chromaSubsampling: "4:2:0" }), 119],
    ["a progressive JPEG with all of its colours", header("jpeg", 6400, 5000, colours), 212],
    ["the same, turned", header("jpeg", 6400, 5000, { ...colours, orientation: 3 }), 293],
    ["a progressive CMYK JPEG", header("jpeg", 6400, 5000, { ...colours, channels: 4 }), 282],
    ["a PNG", header("png", 6400, 5000), 24],
    ["a PNG of 16 bits", header("png", 6400, 5000, deep), 70],
    ["a PNG of 16 bits, interlaced", header("png", 6400, 5000, { ...deep, isProgressive: true }), 279],
    ["a PNG of 16 bits, turned", header("png", 6400, 5000, { ...deep, orientation: 6 }), 279],
    ["a wide PNG of 16 bits", header("png", 390_000, 64, deep), 305],
    ["a WebP", header("webp", 6400, 5000, { channels: 4 }), 260],
    ["a WebP that is turned", header("webp", 5000, 5000, { channels: 4, orientation: 6 }), 304],
    ["a GIF", header("gif", 6400, 5000, { channels: 4 }), 153],
    ["an AVIF", header("heif", 4000, 3000), 227],
    ["an AVIF of 12 bits", header("heif", 4000, 3000, { depth: "ushort" }), 301],
  ] as const) {
    it(`counts at least what decoding ${what} was measured to take, and less than twice that or 4 bytes a pixel`, () => {
      const mb = decodingBytes(picture, Buffer.alloc(0)) / 1e6;
      assert.ok(mb >= measuredMb, `${mb} MB for ${measuredMb}`);
      assert.ok(
        mb < Math.max(2 * measuredMb, (4 * picture.width * picture.height) / 1e6),
        `${mb} MB for ${measuredMb}`,
      );
    });
  }

  it("counts two rows of a TIFF's tiles, and no more tiles than there are", () => {
    const costOf = (shape: { width: number; height: number; tile?: number }) =>
      decodingBytes(
        header("tiff", shape.width, shape.height, { depth: "ushort", channels: 4 }),
        blackTiff({ channels: 4, bits: 16, ...shape }),
      );
    const tileBytes = 512 * 512 * 8;
    const [rows, one] = [
      { width: 2048, height: 2048 },
      { width: 300, height: 300 },
    ];
    assert.equal(costOf({ ...rows, tile: 512 }) - costOf(rows), 11 * tileBytes);
    assert.equal(costOf({ ...one, tile: 512 }) - costOf(one), 2 * tileBytes);
  });
});

describe("decodeImage: a small file that would take a lot to decode", () => {
  for (const [what, file, expected] of [
    ["a TIFF of floats", floatTiff, /samples have type float; expected at most 16 bits a channel/],
    [
      "a TIFF of large tiles",
      () => blackTiff({ width: 6400, height: 5000, channels: 4, bits: 16, tile: 1280 }),
      /6400 x 5000 pixels of this format take up to \d+ MiB to decode; expected at most 224. Send it smaller/,
    ],
    ["an interlaced PNG of 16 bits", () => deepPng(6400, 5000), /up to \d+ MiB to decode/],
    ["a progressive JPEG with all of its colours", () => progressiveJpeg(7000, 7000), /up to \d+ MiB to decode/],
    ["an animation of 2,000 frames", () => animatedWebp(2000), /more than 1000 frames/],
  ] as const) {
    it(`refuses ${what} by its header`, async () => {
      const bytes = await file();
      assert.ok(bytes.length < 300_000, `${bytes.length} bytes`);
      await assert.rejects(decode(bytes), expected);
    });
  }

  it("does not inflate the texts of a PNG", async () => {
    const started = process.cpuUsage();
    assert.equal((await decode(await textBomb(8, 50))).length, 8 * 8 * 3);
    // Deflating them for this test is most of it; inflating all of them took 20 s and 1.6 GB.
    const { user } = process.cpuUsage(started);
    assert.ok(user < 10e6, `${user / 1e6} s of CPU`);
  });

  it("reads a PNG with texts, a short animation and a tiled TIFF of 8 bits as before", async () => {
    const files = [await textBomb(1, 0), await animatedWebp(3)];
    files.push(blackTiff({ width: 1000, height: 800, channels: 3, bits: 8, tile: 256 }));
    for (const file of files) assert.equal((await decode(file)).length, 8 * 8 * 3);
  });
});
