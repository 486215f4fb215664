import { createHash, type Hash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import dockerignore from "@balena/dockerignore";
import { type Build, usualDockerfile } from "./build";
import { versionOf } from "./build-version";

export interface ImageContent {
  readonly version: string;
  /** 12 hex digits over the platform and all that a build of the folder can see, but the values of its secrets. */
  readonly hash: string;
}

/** Identifies what a build would hold, without building it. */
export function contentOf(build: Build, platform: string): ImageContent {
  const digest = createHash("sha256").update(`${platform}\n`);
  for (const file of visibleFiles(build)) {
    const { kind, hex } = read(path.join(build.context, file));
    digest.update(`${file} ${kind} ${hex}\n`);
  }
  addChoices(digest, build);
  return { version: versionOf(build), hash: digest.digest("hex").slice(0, 12) };
}

/** Only what differs from a plain build, so that such a build keeps its hash. */
function addChoices(digest: Hash, { dockerfile, target, args }: Build): void {
  const named = Object.entries(args).sort(([one], [other]) => (one < other ? -1 : 1));
  const choices = {
    ...(posix(dockerfile) !== usualDockerfile && { dockerfile: posix(dockerfile) }),
    ...(target !== undefined && { target }),
    ...(named.length > 0 && { args: named }),
  };
  if (Object.keys(choices).length > 0) digest.update(`${JSON.stringify(choices)}\n`);
}

const posix = (file: string) => path.normalize(file).split(path.sep).join("/");

/** A link is sent as a link: what it points to may be outside the image. */
function read(file: string) {
  const status = fs.lstatSync(file);
  if (status.isSymbolicLink()) return { kind: "link", hex: sha256(fs.readlinkSync(file)) };
  return { kind: status.mode & 0o100 ? "executable" : "file", hex: sha256OfFile(file) };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** In pieces: Node reads at most 2 GiB at once, and the weights of a model may be more. */
function sha256OfFile(file: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(1024 * 1024);
  const opened = fs.openSync(file, "r");
  try {
    for (let size = fs.readSync(opened, piece); size > 0; size = fs.readSync(opened, piece)) {
      hash.update(piece.subarray(0, size));
    }
  } finally {
    fs.closeSync(opened);
  }
  return hash.digest("hex");
}

/** The files that no ignore file excludes, with the Dockerfile and the ignore file, which also change the image. */
export function visibleFiles({ context, dockerfile }: Pick<Build, "context" | "dockerfile">): string[] {
  const recipe = posix(dockerfile);
  // BuildKit reads this one in place of .dockerignore (https://docs.docker.com/build/concepts/context/#filename-and-location).
  const ignoreFile = [`${recipe}.dockerignore`, ".dockerignore"].find((name) =>
    fs.existsSync(path.join(context, name)),
  );
  const patterns = ignoreFile ? fs.readFileSync(path.join(context, ignoreFile), "utf8").split("\n") : [];
  const mayHoldVisible = directoryFilter(patterns);
  const ignore = dockerignore().add(patterns);

  const walk = (directory: string): string[] =>
    fs.readdirSync(path.join(context, directory), { withFileTypes: true }).flatMap((entry) => {
      const relative = directory ? `${directory}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return mayHoldVisible(relative) ? walk(relative) : [];
      // An image holds no sockets, and reading a pipe would wait for its writer.
      const isSent = entry.isFile() || entry.isSymbolicLink();
      return isSent && !ignore.ignores(relative) ? [relative] : [];
    });
  return [...new Set([...walk(""), recipe, ...(ignoreFile ? [ignoreFile] : [])])].sort();
}

/** Whether a folder has to be entered, because a file in it may be sent. */
function directoryFilter(patterns: readonly string[]): (directory: string) => boolean {
  const ignore = dockerignore().add([...patterns]);
  const exceptions = patterns.filter((line) => line.startsWith("!")).map(beforeWildcard);
  return (directory) =>
    !ignore.ignores(directory) ||
    exceptions.some(
      ({ start, wild }) => start.startsWith(`${directory}/`) || (wild && `${directory}/`.startsWith(start)),
    );
}

/** As far as the pattern of an exception says where it applies. */
function beforeWildcard(exception: string) {
  const pattern = exception
    .slice(1)
    .trim()
    .replace(/^\.?\//, "");
  const [start = ""] = pattern.split(/[*?[\\]/, 1);
  return { start, wild: start.length < pattern.length };
}
