import { writeFileSync } from "node:fs";
import { run } from "../cli/run";
import { type Arguments, readArguments, usage } from "./arguments";
import { compare } from "./comparison";
import { html } from "./render/html";
import { markdown } from "./render/markdown";
import { text } from "./render/text";

const formats = { text, html, md: markdown, json: (facts: object) => JSON.stringify(facts, null, 2) } as const;

async function main(): Promise<void> {
  const asked: Arguments = readArguments(process.argv.slice(2));
  if (asked.help) return console.log(usage);
  const written = `${formats[asked.format](await compare(asked)).trimEnd()}\n`;
  if (asked.out === undefined) return void process.stdout.write(written);
  writeFileSync(asked.out, written);
  console.log(`Wrote ${asked.out}`);
}

run(main);
