import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { projectFolder } from "../../tools/stack/file";

/** The modules of a folder, by their path in the project. */
function modules(folder: string): string[] {
  return readdirSync(join(projectFolder, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["node_modules", "dist"].includes(entry.name) ? [] : modules(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** The project files that a module imports, requires or re-exports. */
function imports(from: string): Import[] {
  const source = readFileSync(join(projectFolder, from), "utf8");
  const found = source.matchAll(/(import type|export type|import|export|require\()[^"'`;]*["'`](\.[^"'`]*)["'`]/g);
  return [...found].map(([, how = "", target = ""]) => ({
    from,
    to: relative(projectFolder, resolve(projectFolder, dirname(from), target)),
    typeOnly: how.endsWith("type"),
  }));
}

/** The folders of the ComponentResources. */
const components = [
  ...new Set(
    modules("components")
      .filter((file) => /extends pulumi\.ComponentResource/.test(readFileSync(join(projectFolder, file), "utf8")))
      .map(dirname),
  ),
];
const componentOf = (path: string) => components.find((each) => path === each || path.startsWith(`${each}/`));

const show = ({ from, to }: Import) => `${from} -> ${to}`;

describe("imports", () => {
  it("are found in every form", () => {
    assert.ok(components.length >= 5, components.join(", "));
    const own = imports("components/gateway/index.ts");
    assert.ok(own.some(({ to, typeOnly }) => to === "components/core/entrance" && typeOnly));
    assert.ok(own.some(({ to, typeOnly }) => to === "components/gateway/own" && !typeOnly));
    assert.ok(imports("index.ts").some(({ to }) => to === "components/aws/ecr"));
  });

  it("never lead from one component to another", () => {
    const crossing = modules("components")
      .filter((file) => file !== "components/index.ts")
      .flatMap(imports)
      .filter(({ from, to }) => componentOf(to) !== undefined && componentOf(to) !== componentOf(from))
      .filter(({ from, to }) => !(from === "components/targets/index.ts" && to.endsWith("/target")));
    assert.deepEqual(crossing.map(show), []);
  });

  it("of settings in a component are types only", () => {
    const reading = modules("components")
      .flatMap(imports)
      .filter(({ from, to, typeOnly }) => componentOf(from) && /^components\/settings(\/|$)/.test(to) && !typeOnly);
    assert.deepEqual(reading.map(show), []);
  });

  it("read the project's keys in settings, a provider's keys where it is created, and aws: keys in index.ts for the AWS clients", () => {
    const readers = [...modules("components"), "index.ts"].filter((file) =>
      /pulumi\.Config\b|runtime\.allConfig|process\.env\.PULUMI_CONFIG/.test(
        readFileSync(join(projectFolder, file), "utf8"),
      ),
    );
    assert.deepEqual(readers, [
      "components/aws/providers.ts",
      "components/core/encrypted-keys.ts",
      "components/settings/index.ts",
      "index.ts",
    ]);
  });

  it("never use a devDependency in the program", () => {
    const { dependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
    const packages = [...modules("components"), "index.ts"].flatMap((file) =>
      [...readFileSync(join(projectFolder, file), "utf8").matchAll(/(?:from|import\()\s*"([^."][^"]*)"/g)].map(
        ([, name = ""]) => (name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : (name.split("/")[0] ?? "")),
      ),
    );
    const missing = packages.filter((name) => !name.startsWith("node:") && !(name in dependencies));
    assert.deepEqual(missing, []);
  });
});
