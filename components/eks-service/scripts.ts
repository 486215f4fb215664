import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(__dirname, "in-cluster");

/** The files of in-cluster/ that a script needs, each after those that it requires itself. */
function filesOf(name: string, found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (found.has(name)) return found;
  const text = readFileSync(join(folder, `${name}.js`), "utf8");
  for (const [, needed = ""] of text.matchAll(/require\("\.\/([\w-]+)"\)/g)) filesOf(needed, found);
  return found.set(name, text);
}

/** A script of in-cluster/ as one text for `node -e`: an image of another team has none of our files. */
export function scriptText(name: string): string {
  const parts = [...filesOf(name)].map(
    ([file, text]) => `((module) => {\n${text}own["./${file}"] = module.exports;\n})({});\n`,
  );
  return `const own = {};\nconst load = require;\n{ const require = (name) => own[name] ?? load(name);\n${parts.join("")}}\n`;
}
