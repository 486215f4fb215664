import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import dockerignore from "@balena/dockerignore";

export interface ImageContent {
  /** Of the package in the folder. */
  readonly version: string;
  /** 12 hex digits over the platform and all that a build of the folder can see. */
  readonly hash: string;
}

/** Identifies what a build of the folder would hold, without building it. */
export function contentOf(folder: string, platform: string): ImageContent {
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const digest = createHash("sha256").update(`${platform}\n`);
  for (const file of visibleFiles(folder)) {
    const { kind, bytes } = read(path.join(folder, file));
    digest.update(`${file} ${kind} ${createHash("sha256").update(bytes).digest("hex")}\n`);
  }
  return { version, hash: digest.digest("hex").slice(0, 12) };
}

/** A link is sent as a link: what it points to may be outside the image. */
function read(file: string) {
  const status = fs.lstatSync(file);
  if (status.isSymbolicLink()) return { kind: "link", bytes: fs.readlinkSync(file) };
  return { kind: status.mode & 0o100 ? "executable" : "file", bytes: fs.readFileSync(file) };
}

/** The files that .dockerignore does not exclude, with the Dockerfile and .dockerignore, which also change the image. */
export function visibleFiles(folder: string): string[] {
  const patterns = fs.readFileSync(path.join(folder, ".dockerignore"), "utf8").split("\n");
  const ignore = dockerignore().add(patterns);
  const exceptions = patterns.filter((line) => line.startsWith("!")).map(beforeWildcard);
  const mayHoldVisible = (directory: string) =>
    !ignore.ignores(directory) ||
    exceptions.some(
      ({ start, wild }) => start.startsWith(`${directory}/`) || (wild && `${directory}/`.startsWith(start)),
    );

  const walk = (directory: string): string[] =>
    fs.readdirSync(path.join(folder, directory), { withFileTypes: true }).flatMap((entry) => {
      const relative = directory ? `${directory}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return mayHoldVisible(relative) ? walk(relative) : [];
      return ignore.ignores(relative) ? [] : [relative];
    });
  return [...new Set([...walk(""), "Dockerfile", ".dockerignore"])].sort();
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
