import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type Build, dockerfileOf, secretSource } from "../core/build";
import type { Problem } from "../core/problems";
import { type Rule, whenValid } from "./rule";

/** Read this machine. The program and its evaluation apply them; other tools may run where nothing can be built. */
export const buildFileRules: readonly Rule[] = [
  whenValid({
    key: "build",
    fact: "The folder, the Dockerfile and the sources of the secrets exist.",
    reads: ["image", "build"],
    problems: ({ image, build }) => (image === "build" ? [...folderProblems(build), ...secretProblems(build)] : []),
  }),
];

function folderProblems(build: Build): Problem[] {
  const { context, dockerfile } = build;
  const folder = resolve(context);
  if (!isFolder(folder)) {
    const status = statusOf(folder);
    const found = "why" in status ? status.why : "is a file";
    return [{ key: "build.context", value: context, expected: `a folder; ${folder} ${found}` }];
  }
  const path = dockerfileOf(build);
  if (isA("isFile", path)) return [];
  const [where, near] = [dirname(path), recipesIn(dirname(path))];
  const found = near.length > 0 ? `${where} has ${near.join(", ")}` : `${where} has no Dockerfile`;
  return [{ key: "build.dockerfile", value: dockerfile, expected: `a file in build.context; ${found}` }];
}

/** Or why there is none, such as a name that is too long. */
function statusOf(path: string): Stats | { readonly why: string } {
  try {
    return statSync(path);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return { why: ["ENOENT", "ENOTDIR"].includes(code) ? "does not exist" : `cannot be read (${code})` };
  }
}

function isA(kind: "isFile" | "isDirectory", path: string): boolean {
  const status = statusOf(path);
  return !("why" in status) && status[kind]();
}

const isFolder = (path: string) => isA("isDirectory", path);

const recipesIn = (folder: string) =>
  isFolder(folder)
    ? readdirSync(folder).filter((name) => /dockerfile|containerfile/i.test(name) && !name.endsWith(".dockerignore"))
    : [];

function secretProblems({ secrets }: Build): Problem[] {
  return Object.entries(secrets).flatMap(([id, text]) => {
    const fault = secretFault(text);
    return fault === undefined ? [] : [{ key: `build.secrets.${id}`, value: text, expected: fault }];
  });
}

function secretFault(text: string): string | undefined {
  const source = secretSource(text);
  if ("env" in source) {
    if (process.env[source.env] !== undefined) return undefined;
    return `an environment variable that is set where pulumi runs (for a file in this folder, write ./${text})`;
  }
  try {
    readFileSync(source.src);
    return undefined;
  } catch {
    return `a file that can be read; there is no ${basename(source.src)} in ${dirname(resolve(source.src))}`;
  }
}
