import { animatedGif, animatedWebp, deepPng, floatTiff, progressiveJpeg, textBomb } from "./heavy-pictures";
import { blackTiff } from "./tiff";

/** A small generator with a seed, so that a failing request can be made again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Mutated {
  name: string;
  bytes: Buffer;
  /** Whether this one may happen to be a picture still. */
  mayPass?: boolean;
}

/** Small files that would take a lot to decode, by name; made once, as they take a while themselves. */
export async function heavyPictures(): Promise<ReadonlyMap<string, Buffer>> {
  return new Map([
    ["a tiled TIFF of floats", floatTiff()],
    ["a TIFF of large tiles", blackTiff({ width: 6400, height: 5000, channels: 4, bits: 16, tile: 1280 })],
    ["an interlaced PNG of 16 bits", await deepPng(7000, 7000)],
    ["a progressive JPEG with all of its colours", await progressiveJpeg(7000, 7000)],
    ["an animation of 2,000 frames", await animatedWebp(2000)],
    ["a GIF of 5,000 frames", animatedGif(5000)],
    ["a PNG with long texts", await textBomb(4, 20)],
  ]);
}

/** The `index`-th way to get a request wrong, made from a good picture. */
export function mutatedRequest(index: number, pictures: Pictures, random: () => number): Mutated {
  const kind = kinds[index % kinds.length] ?? truncated;
  return kind(pictures, random);
}

export interface Pictures {
  readonly good: Buffer;
  readonly heavy: ReadonlyMap<string, Buffer>;
}

type Kind = (pictures: Pictures, random: () => number) => Mutated;

const truncated: Kind = ({ good: picture }, random) => ({
  name: "a truncated picture",
  bytes: post("image/jpeg", picture.subarray(0, Math.floor(random() * (picture.length - 2)))),
});

const noise: Kind = (_pictures, random) => ({
  name: "random bytes",
  bytes: post("image/png", randomBytes(1 + Math.floor(random() * 4000), random)),
});

const flipped: Kind = ({ good: picture }, random) => {
  const bytes = Buffer.from(picture);
  for (let flips = 0; flips < 8; flips++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return { name: "a picture with changed bytes", bytes: post("image/jpeg", bytes), mayPass: true };
};

const wrongBoundary: Kind = ({ good: picture }, random) => {
  const part = `content-disposition: form-data; name="file"; filename="x"\r\n\r\n`;
  const bodies = [
    [`--other\r\n${part}`, "\r\n--other--\r\n"],
    [`--b\r\n${part}`, ""],
    [`--b\r\n${part}`, "\r\n--b"],
    [`--b${part}`, "--b--"],
    ["--b\r\ncontent-disposition: nonsense\r\n\r\n", "\r\n--b--\r\n"],
    ["--b\r\n\r\n", "\r\n--b--\r\n"],
    [`--b\r\n${"x: y\r\n".repeat(3000)}${part}`, "\r\n--b--\r\n"],
    [`--b\r\n${part.replace("file", "__proto__")}`, "\r\n--b--\r\n"],
  ];
  const [before = "", after = ""] = bodies[Math.floor(random() * bodies.length)] ?? [];
  const body = Buffer.concat([Buffer.from(before), picture, Buffer.from(after)]);
  const type = random() < 0.9 ? "multipart/form-data; boundary=b" : "multipart/form-data";
  return { name: `a form with a wrong boundary, ${type}, ${before.slice(0, 60)}...${after}`, bytes: post(type, body) };
};

const hugeHeader: Kind = ({ good: picture }, random) => ({
  name: "huge headers",
  bytes: post("image/jpeg", picture, `x-large: ${"a".repeat(17_000 + Math.floor(random() * 40_000))}\r\n`),
});

const deepJson: Kind = (_pictures, random) => {
  const depth = Math.floor(random() * 20_000);
  const texts = [
    "[".repeat(depth),
    `${'{"image":'.repeat(depth)}1${"}".repeat(depth)}`,
    `{"image":"${"A".repeat(depth)}"}`,
    '{"__proto__":{"image":"x"}}',
    "null",
    '{"image":null}',
  ];
  return {
    name: "deep or odd JSON",
    bytes: post("application/json", Buffer.from(texts[Math.floor(random() * texts.length)] ?? "")),
  };
};

const brokenHttp: Kind = ({ good: picture }, random) => {
  const heads = [
    "POST /predict HTTP/9.9\r\n\r\n",
    "NONSENSE /predict HTTP/1.1\r\nhost: x\r\n\r\n",
    "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: -5\r\n\r\n",
    "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc",
    "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "POST /%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "POST /%E0%A4%A HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "GET /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
  ];
  return {
    name: "broken HTTP",
    bytes: Buffer.concat([Buffer.from(heads[Math.floor(random() * heads.length)] ?? ""), picture.subarray(0, 20)]),
  };
};

const wrongType: Kind = ({ good: picture }, random) => {
  const types = [
    "text/plain",
    "image/svg+xml",
    "application/octet-stream",
    "image/",
    "",
    "multipart/mixed; boundary=b",
    "application/x-www-form-urlencoded",
  ];
  const type = types[Math.floor(random() * types.length)] ?? "";
  // A picture sent as image/svg+xml is still the picture that its bytes say it is.
  return { name: `the content type "${type}"`, bytes: post(type, picture), mayPass: type.startsWith("image/") };
};

const emptyOrBomb: Kind = (_pictures, random) => ({
  name: "an empty body or a header that declares a huge picture",
  bytes: post("image/png", random() < 0.5 ? Buffer.alloc(0) : bomb(random)),
});

const heavy: Kind = ({ heavy: pictures }, random) => {
  const [name, bytes] = [...pictures][Math.floor(random() * pictures.size)] ?? ["", Buffer.alloc(0)];
  return { name, bytes: post("image/png", bytes), mayPass: true };
};

/** More than BODY_LIMIT_MIB without a picture in it, and with no word of its length. */
const endlessPreamble: Kind = (_pictures, random) => {
  const head = "POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n";
  const type = `content-type: multipart/form-data; boundary=b\r\n\r\n`;
  const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(0x10000, 97), Buffer.from("\r\n")]);
  const chunks = Array.from({ length: 161 + Math.floor(random() * 20) }, () => chunk);
  return { name: "a form that is nothing but preamble", bytes: Buffer.concat([Buffer.from(head + type), ...chunks]) };
};

const hopeless = [truncated, noise, wrongBoundary, hugeHeader, deepJson, brokenHttp, emptyOrBomb];
// Those that may be pictures still cost a whole prediction each, so they come less often.
const often = [...hopeless, flipped, ...hopeless, wrongType, ...hopeless];
// What is large or is read up to its end comes least often.
const kinds = [...often, ...often, heavy, ...often, ...often, endlessPreamble];

function post(type: string, body: Buffer, extra = ""): Buffer {
  const head = `POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\n${extra}content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function randomBytes(length: number, random: () => number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

/** A GIF of 65,535 x 65,535 pixels in a few bytes: GIF checks nothing, so the header alone has to do. */
function bomb(random: () => number): Buffer {
  const header = Buffer.from("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff", "latin1");
  return Buffer.concat([header, Buffer.from("2c00000000ffffffff00", "hex"), randomBytes(50, random)]);
}
