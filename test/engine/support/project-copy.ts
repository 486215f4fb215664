import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";
import { namespaced } from "../../../tools/stack/file";
import { projectRoot } from "./cli";

const parts = [
  ...[
    "index.ts",
    "ci",
    "components",
    "tools",
    "app",
    "examples",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "Pulumi.yaml",
  ],
  ...["Pulumi.README.md", "Pulumi.dev.yaml", "Pulumi.local.yaml", "Pulumi.prod.yaml"],
];

/** A copy of the files that a deployment needs, and of further ones, for a test to change. */
export class ProjectCopy {
  constructor(
    readonly folder: string,
    further: readonly string[] = [],
  ) {
    mkdirSync(folder);
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    const filter = (path: string) => !["node_modules", "dist"].includes(basename(path));
    for (const part of [...parts, ...further].filter((name) => existsSync(join(projectRoot, name)))) {
      cpSync(join(projectRoot, part), join(folder, part), { recursive: true, filter });
    }
    // A fork has another name, and the tests name resources.
    const project = join(folder, "Pulumi.yaml");
    writeFileSync(project, readFileSync(project, "utf8").replace(/^name: .*$/m, "name: inference"));
  }

  /** Sets keys in a stack file; `undefined` removes one. */
  configure(stack: string, keys: Record<string, unknown>): void {
    const path = join(this.folder, `Pulumi.${stack}.yaml`);
    const settings = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
    // The CLI prefixes keys with the project name when it saves the file.
    const config = { ...namespaced(settings.config, "inference"), ...namespaced(keys, "inference") };
    writeFileSync(path, stringify({ ...settings, config }));
  }

  /** Replaces text in a file; fails when the file does not contain it. */
  edit(path: string, from: string, to: string): void {
    const text = readFileSync(join(this.folder, path), "utf8");
    if (!text.includes(from)) throw new Error(`${path} does not contain: ${from}`);
    writeFileSync(join(this.folder, path), text.replace(from, to));
  }
}
