import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../tools/stack/file";

export interface DocumentedCommand {
  /** One line of a shell block, or the text between backticks, without its comment. */
  readonly command: string;
  readonly document: string;
}

const markdownIn = (folder: string, recursive = false) =>
  readdirSync(join(projectFolder, folder), { encoding: "utf8", recursive })
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => join(folder, name));

/** Documents that tell a person what to type. */
const documents = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "Pulumi.README.md", "CHANGELOG.md"],
  ...["app/README.md", "modelling/README.md", "policy/README.md", "test/emulator/README.md", "test/cluster/README.md"],
  ...markdownIn("docs", true),
  ...markdownIn("examples", true),
];

const fence = /^( *)```(\w*)\n([\s\S]*?)^ *```/gm;
const prompt = /^\$ (.*)$/gm;
const typed = /^(npm|npx|pulumi|docker|kubectl|aws|curl|node|cp|cd|git)\s/;

const withoutComment = (line: string) => line.replace(/(^|\s+)#\s.*$/, "").trim();
/** A command in another folder, as one from the root. */
const fromRoot = (command: string, folder: string) =>
  folder === "" ? command : command.replace(/^npm (?!--prefix)/, `npm --prefix ${folder} `);

export function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(fence)].flatMap(([, , language = "", code = ""]) => {
    if (language === "console") return [...code.matchAll(prompt)].map(([, line = ""]) => line);
    return language === "sh" ? code.split("\n") : [];
  });
  // Between backticks programs of others are often just named, as in `kubectl rollout restart`.
  const inline = [...text.replace(fence, "").matchAll(/`((?:npm|npx|pulumi) [^`]*)`/g)].map(([, words = ""]) => words);
  const lines = [...blocks, ...inline.map((words) => words.replace(/\s+/g, " "))].map(withoutComment);
  return lines
    .flatMap((line) => line.split(/ && | &$/))
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

export function documentedCommands(): DocumentedCommand[] {
  return documents.flatMap((document) => {
    const folder = ["app", "modelling"].find((each) => document.startsWith(`${each}/`)) ?? "";
    const commands = commandsIn(readFileSync(join(projectFolder, document), "utf8"));
    return commands.map((command) => ({ command: fromRoot(command, folder), document }));
  });
}

/** Lines that a reader would type in blocks that are marked as something else. */
export function unmarkedCommands(text: string): string[] {
  return [...text.matchAll(fence)]
    .filter(([, , language = ""]) => ["", "text", "bash", "shell"].includes(language))
    .flatMap(([, indent = "", , code = ""]) => code.split("\n").map((line) => line.slice(indent.length)))
    .filter((line) => typed.test(line));
}

export const unmarked = () =>
  documents.flatMap((document) =>
    unmarkedCommands(readFileSync(join(projectFolder, document), "utf8")).map((line) => `${document}: ${line}`),
  );
