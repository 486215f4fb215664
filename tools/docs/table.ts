import { markdownMarkers, withSection } from "./section";

const cell = (text: string) => text.replaceAll("|", "\\|");

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** The document with the table between the markers of that name. The path is for the error. */
export const withTable = (document: string, name: string, table: string, path: string) =>
  withSection(document, markdownMarkers(name), table, path);
