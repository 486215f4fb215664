import { readFileSync } from "node:fs";
import { join } from "node:path";

/** How the image of a folder is built, as the key `build` describes it. */
export interface Build {
  /** The folder that the build can read, relative to the project folder or absolute. */
  readonly context: string;
  /** Relative to the context, as a path. */
  readonly dockerfile: string;
  /** The stage to build. Absent: the last one. */
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  /** Id -> environment variable, or path of a file, that holds the value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Absent: found in the context. */
  readonly version?: string;
}

/** The folder of this project's own server. */
export const ourContext = "app";

export const usualDockerfile = "Dockerfile";

/** Builds the Dockerfile of a folder. */
export const buildOf = (context: string): Build => ({ context, dockerfile: usualDockerfile, args: {}, secrets: {} });

export const dockerfileOf = ({ context, dockerfile }: Pick<Build, "context" | "dockerfile">) =>
  join(context, dockerfile);

/** What a Dockerfile that declares all three receives; ours makes labels of them. */
const originNames = ["VERSION", "REVISION", "BUILD"];

/**
 * The arguments of the build: those of the settings, and the origin of the image where the Dockerfile asks for it. All three have to be
 * declared: many Dockerfiles have an argument VERSION that means the version of something else.
 */
export function buildArgsOf(build: Build, origin: Readonly<Record<string, string>>): Record<string, string> {
  const declared = declaredArgs(readFileSync(dockerfileOf(build), "utf8"));
  const asks = originNames.every((name) => declared.has(name));
  const wanted = Object.entries(origin).filter(([name]) => declared.has(name));
  return { ...(asks ? Object.fromEntries(wanted) : {}), ...build.args };
}

function declaredArgs(dockerfile: string): ReadonlySet<string> {
  const lines = [...dockerfile.matchAll(/^\s*ARG\s+(.+)$/gim)].map(([, declared = ""]) => declared);
  return new Set(lines.flatMap((line) => line.split(/\s+/)).map((word) => word.split("=", 1)[0] ?? ""));
}

/** Where a build secret comes from: docker build --secret takes either, too. */
export type SecretSource = { readonly env: string } | { readonly src: string };

/** A word is a variable; a path has a dot or a slash: `./token`. */
export const secretSource = (text: string): SecretSource =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? { env: text } : { src: text };
