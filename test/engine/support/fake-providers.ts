import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as ts from "typescript";
import { projectRoot } from "./cli";

export const packages = ["aws", "awsx", "docker", "docker-build", "eks", "kubernetes"] as const;
export type Package = (typeof packages)[number];

/** Provider -> file of its fake. */
const fakePackages: Readonly<Record<string, string>> = Object.fromEntries(packages.map((name) => [name, name]));

/**
 * Compiles the fake providers to JavaScript once: a deployment starts up to five of them, and compiling on start would double
 * the time that each takes.
 */
export function buildFakeProviders(folder: string, providers = fakePackages): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  for (const file of [...filesIn("test/fakes"), "tools/plan-diff/replacing-inputs.ts"]) compile(file, folder);
  for (const [name, file] of Object.entries(providers)) {
    const path = join(bin, `pulumi-resource-${name}`);
    writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${join(folder, "test/fakes", file)}.js" "$@"\n`);
    chmodSync(path, 0o755);
  }
  installAwsCli(bin);
  return bin;
}

const filesIn = (source: string) =>
  readdirSync(join(projectRoot, source))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(source, name));

/** Writes a file of the project as JavaScript to the same place below the folder. */
function compile(file: string, folder: string): void {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true };
  const { outputText } = ts.transpileModule(readFileSync(join(projectRoot, file), "utf8"), {
    compilerOptions,
    fileName: file,
  });
  const path = join(folder, file.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, outputText);
}

/** A fake AWS CLI that answers `aws eks get-token`, which a kubeconfig calls. */
function installAwsCli(bin: string): void {
  const path = join(bin, "aws");
  writeFileSync(path, '#!/bin/sh\nprintf \'{"status":{"token":"%s"}}\' "$FAKE_TOKEN"\n');
  chmodSync(path, 0o755);
}
