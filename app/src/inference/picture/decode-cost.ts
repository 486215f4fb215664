import type { Metadata } from "sharp";
import { tileOf } from "./tiff-tile";

const sampleBytes: Partial<Record<Metadata["depth"], number>> = { uchar: 1, ushort: 2 };
/** Above this ratio of the sides, libvips holds every line of the picture and makes a wide result before it is cropped. */
const elongatedFrom = 4;

/**
 * The most memory that libvips takes to decode a picture with this header. The constants are rounded up from the peaks measured
 * with sharp 0.35.5: 3.8 bytes a pixel for a progressive JPEG with 4:2:0, 8.9 for an interlaced PNG of 16 bits,
 * 8.3 for WebP, 5.5 for GIF, 19 for AVIF and 26 for AVIF of more than 8 bits; 9.4 and 12.4 for a JPEG and a WebP that EXIF turns.
 */
export function decodingBytes(picture: Metadata, file: Buffer): number {
  const { width, height, channels, depth, orientation = 1 } = picture;
  const sample = sampleBytes[depth];
  if (sample === undefined) throw new Error(`its samples have type ${depth}; expected at most 16 bits a channel`);
  const copy = channels * sample;
  const isElongated = Math.max(width, height) > elongatedFrom * Math.min(width, height);
  const isHeld = orientation > 1 || isElongated;
  const decoder = decoderBytesPerPixel(picture, sample);
  // Decoders that work by lines keep some lines; the figures of the other formats include that.
  const lines = isHeld ? copy : decoder.isByLines ? 0.3 * copy : 0;
  const result = isElongated ? 5 : decoder.isByLines ? 0.5 * sample : 0;
  return Math.ceil(width * height * (decoder.bytes + lines + result)) + tileCacheBytes(picture, copy, file);
}

interface Decoder {
  readonly bytes: number;
  readonly isByLines: boolean;
}

function decoderBytesPerPixel(
  { format, channels, isProgressive, chromaSubsampling }: Metadata,
  sample: number,
): Decoder {
  switch (format) {
    case "jpeg":
      // The coefficients of all scans, two bytes each.
      return { bytes: isProgressive ? 2 * channels * (chromaSubsampling === "4:2:0" ? 0.5 : 1) : 0, isByLines: true };
    case "png":
      return { bytes: isProgressive ? channels * sample : 0, isByLines: true };
    case "tiff":
      // A strip may be as high as the picture.
      return { bytes: channels * sample, isByLines: true };
    case "webp":
      return { bytes: 8.5, isByLines: false };
    case "gif":
      return { bytes: 5.6, isByLines: false };
    default:
      return { bytes: sample === 1 ? 19.2 : 26, isByLines: false };
  }
}

/** libvips keeps two rows of a TIFF's tiles, and one tile more in which it decodes; a tile may be larger than the picture. */
function tileCacheBytes({ format, width, height }: Metadata, copy: number, file: Buffer): number {
  const tile = format === "tiff" ? tileOf(file) : undefined;
  if (!tile) return 0;
  const across = Math.ceil(width / tile.width);
  const tiles = Math.min(2 * (across + 1), across * Math.ceil(height / tile.height));
  return (tiles + 1) * tile.width * tile.height * copy;
}
