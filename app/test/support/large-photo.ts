import { readFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";

const photo = path.join(__dirname, "..", "..", "photos", "rocket.jpg");
const [width, height] = [4000, 3000];

/** A photo of 12 megapixels, with grain as a camera's: without it the file would be a third as large. */
export async function largePhoto(progressive: boolean): Promise<Buffer> {
  const noise = { type: "gaussian", mean: 128, sigma: 14 } as const;
  const grain = sharp({ create: { width, height, channels: 3, background: "grey", noise } });
  const input = await grain.png({ compressionLevel: 1 }).toBuffer();
  const large = await sharp(readFileSync(photo))
    .resize(width, height, { fit: "fill" })
    .png({ compressionLevel: 1 })
    .toBuffer();
  return sharp(large)
    .composite([{ input, blend: "overlay" }])
    .jpeg({ quality: 90, progressive })
    .toBuffer();
}
