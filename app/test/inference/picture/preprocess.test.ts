import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import { channelTables, normalise } from "../../../src/inference/picture/normalise";
import { decodeImage } from "../../../src/inference/picture/preprocess";
import type { ImageRule } from "../../../src/model/manifest";

const framing = { size: 8, kernel: "linear", mean: [0, 0, 0], std: [1, 1, 1] } as const;
const rules: ImageRule[] = [
  { ...framing, mean: [0, 0, 0], std: [1, 1, 1], rule: "resize-then-crop", shorterSide: 8 },
  { ...framing, mean: [0, 0, 0], std: [1, 1, 1], rule: "crop-then-resize", cropFraction: 1 },
];
const [rule] = rules as [ImageRule];

const orange = { r: 200, g: 100, b: 50 };
const plain = (width = 32, height = 32) => sharp({ create: { width, height, channels: 3, background: orange } });

/** Red, green and blue in the middle of the decoded picture. */
async function middle(picture: Sharp, by: ImageRule = rule): Promise<number[]> {
  return pixel(await decodeImage(await picture.toBuffer(), by), 4, 4);
}
const pixel = (pixels: Uint8Array, x: number, y: number) => [...pixels.subarray((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)];

function assertNear(actual: number[], expected: number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, index) => {
    assert.ok(Math.abs(value - (expected[index] ?? Number.NaN)) <= tolerance, `${actual} is not near ${expected}`);
  });
}

describe("decodeImage", () => {
  for (const by of rules) {
    describe(by.rule, () => {
      const kinds: [string, () => Sharp, number][] = [
        ["JPEG", () => plain().jpeg({ quality: 100 }), 3],
        ["PNG", () => plain().png(), 0],
        ["a PNG with a palette", () => plain().png({ palette: true }), 3],
        ["a PNG of 16 bits", () => plain().toColourspace("rgb16").png(), 1],
        ["WebP", () => plain().webp({ lossless: true }), 0],
        ["AVIF", () => plain().avif({ lossless: true }), 4],
        ["GIF", () => plain().gif(), 4],
        ["TIFF", () => plain().tiff(), 3],
        // Ink has no such orange: blue comes back 29 lower.
        ["a CMYK JPEG", () => plain().toColourspace("cmyk").jpeg({ quality: 100 }), 30],
        ["a picture with an opaque alpha channel", () => plain().ensureAlpha().png(), 0],
      ];
      for (const [name, picture, tolerance] of kinds) {
        it(`reads ${name}`, async () => {
          assertNear(await middle(picture(), by), [200, 100, 50], tolerance);
        });
      }

      it("makes three channels of a grey picture, of 8 bits and of 16", async () => {
        const grey = await middle(plain().greyscale().png(), by);
        assert.equal(new Set(grey).size, 1);
        const deep = await middle(plain().toColourspace("grey16").png(), by);
        assertNear(deep, grey, 2);
      });

      it("puts transparent parts on white", async () => {
        const clear = sharp({ create: { width: 32, height: 32, channels: 4, background: { ...orange, alpha: 0 } } });
        assert.deepEqual(await middle(clear.png(), by), [255, 255, 255]);
      });

      it("takes colours as they are stored, as torchvision does, whatever profile comes with them", async () => {
        const wide = await plain().withIccProfile("p3").png().toBuffer();
        const stored = [...(await sharp(wide, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)];
        assert.notDeepEqual(stored, [200, 100, 50]);
        assert.deepEqual(pixel(await decodeImage(wide, by), 4, 4), stored);
      });

      it("takes the first frame of an animation", async () => {
        const frames = Buffer.concat([Buffer.alloc(16 * 16 * 3, 10), Buffer.alloc(16 * 16 * 3, 240)]);
        const raw = { width: 16, height: 32, channels: 3, pageHeight: 16 } as const;
        assertNear(await middle(sharp(frames, { raw }).gif(), by), [10, 10, 10], 6);
      });

      it("rotates a picture by its EXIF orientation", async () => {
        // Left half black, right half white; stored so that the viewer must turn it by 90 degrees clockwise.
        const halves = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, at) => ((at / 3) % 32 < 16 ? 0 : 255)));
        const stored = sharp(halves, { raw: { width: 32, height: 32, channels: 3 } });
        const turned = await stored.withMetadata({ orientation: 6 }).png().toBuffer();
        const pixels = await decodeImage(turned, by);
        assertNear(pixel(pixels, 1, 1), [0, 0, 0], 5);
        assertNear(pixel(pixels, 6, 1), [0, 0, 0], 5);
        assertNear(pixel(pixels, 1, 6), [255, 255, 255], 5);
      });

      it("takes pictures of any shape, down to one pixel", async () => {
        for (const [width, height] of [
          [1, 1],
          [1, 300],
          [300, 1],
          [33, 7],
        ] as const) {
          assert.equal((await decodeImage(await plain(width, height).png().toBuffer(), by)).length, 8 * 8 * 3);
        }
      });
    });
  }

  it("refuses a picture by its declared size, before decoding a pixel", async () => {
    await assert.rejects(decodeImage(hugePng(50_000, 50_000), rule), {
      statusCode: 400,
      message: /it declares 50000 x 50000 pixels/,
    });
  });

  it("refuses what is not a picture, and formats that are more than pictures", async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    for (const text of ["hello", svg, "%PDF-1.4\n"]) {
      await assert.rejects(decodeImage(Buffer.from(text), rule), { statusCode: 400, code: "not_an_image" });
    }
  });

  it("does not decode a picture whose caller hung up", async () => {
    const picture = await plain().png().toBuffer();
    await assert.rejects(decodeImage(picture, rule, AbortSignal.abort()), { code: "gone" });
  });

  it("refuses a truncated picture", async () => {
    const noise = sharp({
      create: {
        width: 300,
        height: 300,
        channels: 3,
        background: "red",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    });
    for (const whole of [await noise.clone().jpeg().toBuffer(), await noise.clone().png().toBuffer()]) {
      await assert.rejects(decodeImage(whole.subarray(0, whole.length / 2), rule), { statusCode: 400 });
    }
  });
});

/** A PNG with a header and no pixels, so an attempt to decode it fails. */
function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write("IHDR", 4, "latin1");
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  header.set([8, 2, 0, 0, 0], 16);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), header, emptyIdat]);
}

const emptyIdat = Buffer.from("0000000049444154", "hex");

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe("normalise", () => {
  it("splits RGB into planes of (value / 255 - mean) / std", () => {
    const target = new Float32Array(6);
    const tables = channelTables({ mean: [0.5, 0, 0.25], std: [0.5, 1, 0.25] });
    normalise(Uint8Array.of(255, 0, 51, 0, 255, 0), tables, target);
    assertNear([...target], [1, -1, 0, 1, -0.2, -1], 1e-6);
  });
});
