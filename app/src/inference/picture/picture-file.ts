const pngSignature = Buffer.from("89504e470d0a1a0a", "hex");
const textChunks: ReadonlySet<string> = new Set(["tEXt", "zTXt", "iTXt"]);
/** The time that libwebp takes to read the header grows with the square of the number of frames: minutes for 10 MiB of small frames. */
const mostFrames = 1000;

/** Removes what costs a decoder more than the pixels: libvips inflates every text chunk of a PNG, 50 kB to 50 MB. */
export function withoutBallast(file: Buffer): Buffer {
  if (file.subarray(0, 8).equals(pngSignature)) return withoutText(file);
  if (file.toString("latin1", 0, 4) === "RIFF" && file.toString("latin1", 8, 12) === "WEBP") assertFewFrames(file);
  return file;
}

function withoutText(png: Buffer): Buffer {
  const kept: Buffer[] = [pngSignature];
  let keptFrom = 8;
  for (let at = 8; at + 8 <= png.length; ) {
    const end = at + 12 + png.readUInt32BE(at);
    if (textChunks.has(png.toString("latin1", at + 4, at + 8))) {
      kept.push(png.subarray(keptFrom, at));
      keptFrom = end;
    }
    at = end;
  }
  return kept.length === 1 ? png : Buffer.concat([...kept, png.subarray(keptFrom)]);
}

function assertFewFrames(webp: Buffer): void {
  let frames = 0;
  for (let at = 12; at + 8 <= webp.length; ) {
    if (webp.toString("latin1", at, at + 4) === "ANMF") frames++;
    if (frames > mostFrames) throw new Error(`it is an animation of more than ${mostFrames} frames`);
    const length = webp.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
}
