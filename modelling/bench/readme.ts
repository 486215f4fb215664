import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FatalError } from "../../app/src/fatal-error";

const file = path.join(__dirname, "..", "..", "app", "README.md");
const block = /(<!-- bench: [^\n]*-->\n)[\s\S]*?(<!-- \/bench -->)/;

/** The text of a document with the report in place of the last one. */
export function withReport(document: string, report: string): string {
  if (!block.test(document)) throw new FatalError("app/README.md has no <!-- bench: ... --> with a <!-- /bench -->");
  return document.replace(block, (_, begin: string, end: string) => `${begin}${report}\n${end}`);
}

export function writeReadme(report: string): void {
  writeFileSync(file, withReport(readFileSync(file, "utf8"), report));
}
