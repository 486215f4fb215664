interface Tile {
  readonly width: number;
  readonly height: number;
}

const tileWidth = 322;
const tileLength = 323;

/** The tile of a TIFF's first picture, which sharp does not report; undefined when it is stored in strips (TIFF 6.0, section 15). */
export function tileOf(file: Buffer): Tile | undefined {
  const width = entry(file, tileWidth);
  const height = entry(file, tileLength);
  return width === undefined || height === undefined ? undefined : { width, height };
}

/** A number of the first directory. BigTIFF (version 43) has wider fields. */
function entry(file: Buffer, wanted: number): number | undefined {
  const read = readerOf(file);
  const isBig = read(2, 2) === 43;
  const directoryAt = isBig ? read(8, 8) : read(4, 4);
  const [countBytes, entryBytes, valueAt] = isBig ? ([8, 20, 12] as const) : ([2, 12, 8] as const);
  const count = read(directoryAt, countBytes);
  for (let index = 0; index < count; index++) {
    const at = directoryAt + countBytes + index * entryBytes;
    if (read(at, 2) === wanted) return read(at + valueAt, bytesOfType(read(at + 2, 2)));
  }
  return undefined;
}

function readerOf(file: Buffer): (at: number, bytes: number) => number {
  const isLittleEndian = file[0] === 0x49;
  const part = (at: number, bytes: number) =>
    isLittleEndian ? file.readUIntLE(at, bytes) : file.readUIntBE(at, bytes);
  return (at, bytes) => {
    if (bytes < 8) return part(at, bytes);
    const [low, high] = isLittleEndian ? [part(at, 4), part(at + 4, 4)] : [part(at + 4, 4), part(at, 4)];
    return high * 2 ** 32 + low;
  };
}

/** BYTE, SHORT, LONG and LONG8 (BigTIFF), the types of whole numbers. */
function bytesOfType(type: number): number {
  const bytes = new Map([
    [1, 1],
    [3, 2],
    [4, 4],
    [16, 8],
  ]).get(type);
  if (bytes === undefined) throw new Error(`its tiles are sized by a number of type ${type}; expected a whole number`);
  return bytes;
}
