import { deflateSync } from "node:zlib";

export interface TiffShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly bits: 8 | 16 | 32;
  /** Sides of a tile; without them the picture is one strip after the other. */
  readonly tile?: number;
}

const short = 3;
const long = 4;

/**
 * A black picture whose blocks are all the same few bytes of the file: what it declares may be ten thousand times what it weighs.
 * 32 bits a channel are floats.
 */
export function blackTiff({ width, height, channels, bits, tile }: TiffShape): Buffer {
  const rowsOfStrip = Math.min(height, 64);
  const blockBytes = ((tile ? tile * tile : width * rowsOfStrip) * channels * bits) / 8;
  const block = deflateSync(Buffer.alloc(blockBytes), { level: 9 });
  const blocks = tile ? Math.ceil(width / tile) * Math.ceil(height / tile) : Math.ceil(height / rowsOfStrip);
  const list = (value: number) => Array.from({ length: channels }, () => value);
  const [offsets, counts, sides] = tile ? [324, 325, [322, 323]] : [273, 279, [278]];
  const entries: [tag: number, type: number, values: number[]][] = [
    [256, long, [width]],
    [257, long, [height]],
    [258, short, list(bits)],
    [259, short, [8]],
    [262, short, [2]],
    [277, short, [channels]],
    [284, short, [1]],
    ...sides.map((tag): [number, number, number[]] => [tag, long, [tile ?? rowsOfStrip]]),
    [offsets, long, Array.from({ length: blocks }, () => 8)],
    [counts, long, Array.from({ length: blocks }, () => block.length)],
    ...(channels === 4 ? [[338, short, [2]] as [number, number, number[]]] : []),
    [339, short, list(bits === 32 ? 3 : 1)],
  ];
  entries.sort(([a], [b]) => a - b);
  return assemble(block, entries);
}

function assemble(block: Buffer, entries: readonly [number, number, number[]][]): Buffer {
  const directoryAt = 8 + block.length + (block.length % 2);
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length, 0);
  const outside: Buffer[] = [];
  let outsideAt = directoryAt + directory.length;
  for (const [index, [tag, type, values]] of entries.entries()) {
    const at = 2 + index * 12;
    const size = type === short ? 2 : 4;
    const bytes = Buffer.alloc(Math.max(4, values.length * size));
    values.forEach((value, place) => void bytes.writeUIntLE(value, place * size, size));
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    if (bytes.length === 4) bytes.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(outsideAt, at + 8);
      outside.push(bytes);
      outsideAt += bytes.length;
    }
  }
  const header = Buffer.from("49492a0000000000", "hex");
  header.writeUInt32LE(directoryAt, 4);
  return Buffer.concat([header, block, Buffer.alloc(block.length % 2), directory, ...outside]);
}
