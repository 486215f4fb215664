import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { decodeImage } from "../../../src/inference/picture/preprocess";
import type { ImageRule } from "../../../src/model/manifest";

const references = path.join(__dirname, "torchvision");
const photos = path.join(__dirname, "..", "..", "..", "photos");
const tolerated = 0.6;

const framing = { size: 224, mean: [0, 0, 0], std: [1, 1, 1] } satisfies Partial<ImageRule>;
const rules: ImageRule[] = [
  { ...framing, rule: "resize-then-crop", shorterSide: 256, kernel: "linear" },
  { ...framing, rule: "crop-then-resize", cropFraction: 0.875, kernel: "cubic" },
];

describe("preprocessing beside torchvision's", () => {
  for (const rule of rules) {
    const pictures = [
      ...["china.jpg", "koala.webp", "chelsea.png"].map((name) => path.join(photos, name)),
      // Enlarged, where the others shrink.
      path.join(references, "thumbnail.png"),
    ];
    for (const picture of pictures) {
      const { name, base } = path.parse(picture);
      it(`frames ${base} by ${rule.rule} as torchvision does, within ${tolerated} of 255 on average`, async () => {
        const ours = await decodeImage(await readFile(picture), rule);
        const theirs = await sharp(path.join(references, `${name}.${rule.rule}.png`))
          .raw()
          .toBuffer();
        assert.equal(ours.length, theirs.length);
        const difference = meanDifference(ours, theirs);
        assert.ok(difference <= tolerated, `the mean absolute difference is ${difference.toFixed(3)} of 255`);
      });
    }
  }
});

function meanDifference(ours: Uint8Array, theirs: Uint8Array): number {
  let sum = 0;
  for (const [index, value] of ours.entries()) sum += Math.abs(value - (theirs[index] ?? 0));
  return sum / ours.length;
}
