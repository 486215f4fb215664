import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { targets } from "../../components/targets";
import { help, optionsOf } from "../cli/options";
import { run } from "../cli/run";
import { block } from "../render/text";
import { projectFolder } from "../stack/file";
import { circles } from "./circles";
import { functionsIn, importsOf, literalsIn, readSource, type Source } from "./source";

const usage = `npm run measures

Prints measures of the source code: import circles, loose files, the longest
files and functions, the files that a new target, key or alarm needs, and where
a platform's name is written out.`;

const areas: Readonly<Record<string, readonly string[]>> = {
  program: ["index.ts", "components"],
  tools: ["tools"],
  app: ["app/src"],
  modelling: ["modelling"],
  tests: ["test", "app/test"],
};

async function main(): Promise<void> {
  if (optionsOf(process.argv.slice(2), { help }, usage).help) return console.log(usage);
  const sources = Object.entries(areas).map(([area, places]) => ({ area, sources: places.flatMap(sourcesIn) }));
  const all = sources.flatMap((one) => one.sources);
  const found = circles(new Map(all.map((source) => [source.path, importsOf(projectFolder, source)])));
  console.log(`Import circles: ${found.length}`);
  for (const circle of found) console.log(`  ${circle.join("\n  ")}\n`);
  const loose = readdirSync(join(projectFolder, "components"), { withFileTypes: true }).filter(
    (one) => one.isFile() && one.name !== "index.ts",
  );
  console.log(`Loose files in components/ besides index.ts: ${loose.length}\n`);
  console.log(block(filesToTouch(readFileSync(join(projectFolder, "CONTRIBUTING.md"), "utf8"))));
  console.log(`\n${block(longest(sources))}`);
  console.log(`\n${block(platformNames(sources))}`);
}

function sourcesIn(place: string): Source[] {
  const path = join(projectFolder, place);
  if (!existsSync(path)) return [];
  if (place.endsWith(".ts")) return [readSource(projectFolder, place)];
  return readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .sort()
    .map((name) => readSource(projectFolder, join(place, name)));
}

/** From the worked examples of CONTRIBUTING.md, which tests carry out in a copy of the project. */
export function filesToTouch(guide: string) {
  const rows = guide.split("\n## ").flatMap((section) => {
    const [, list] = /\n\nFiles: ([\s\S]*?)\.\s/.exec(section) ?? [];
    if (list === undefined) return [];
    const files = list.replaceAll("`", "").split(/,\s(?:and )?/);
    return [[section.split("\n", 1)[0] ?? "", files.join(", "), `${files.length}`]];
  });
  return { title: "Files to touch", head: ["to", "files", "number"], rows, figures: 1, notes: [] };
}

type Measured = readonly { readonly area: string; readonly sources: readonly Source[] }[];

const mostOf = <T extends { readonly lines: number }>(all: readonly T[]) =>
  all.reduce<T | undefined>((most, one) => (most && most.lines >= one.lines ? most : one), undefined);

function longest(measured: Measured) {
  const rows = measured.flatMap(({ area, sources }) => {
    const file = mostOf(sources);
    const longestFunction = mostOf(sources.flatMap(functionsIn));
    return [
      [area, "all files", `${sources.length} files`, `${sources.reduce((sum, { lines }) => sum + lines, 0)}`],
      ["", "longest file", file?.path ?? "", `${file?.lines ?? 0}`],
      [
        "",
        "longest function",
        `${longestFunction?.name} in ${longestFunction?.path}`,
        `${longestFunction?.lines ?? 0}`,
      ],
    ];
  });
  return { title: "Sizes", head: ["area", "what", "which", "lines"], rows, figures: 1, notes: [] };
}

/** A target's folder has a target.ts. */
const isOfTarget = ({ path }: Source) =>
  existsSync(join(projectFolder, path.split("/").slice(0, 2).join("/"), "target.ts")) ||
  path.startsWith("components/targets/");

function platformNames(measured: Measured) {
  const names = targets.map(({ name }) => name);
  const counted = measured
    .filter(({ area }) => area === "program" || area === "tools")
    .flatMap(({ sources }) => sources.filter((source) => !isOfTarget(source)))
    .map((source) => ({ path: source.path, count: literalsIn(source, names) }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
  const sum = counted.reduce((all, { count }) => all + count, 0);
  return {
    title: `Platform names written out beside the targets' own folders: ${sum}`,
    head: ["file", "literals"],
    rows: counted.map(({ path, count }) => [path, `${count}`]),
    figures: 1,
    notes: [],
  };
}

run(main);
