import type { Section } from "./section";

const cell = (text: string) => text.replaceAll("|", "\\|");
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;

export function table({ head, rows, figures }: Pick<Section, "head" | "rows" | "figures">): string {
  const rule = head.map((_, column) => (column >= head.length - figures ? "--:" : "---"));
  return [row(head), row(rule), ...rows.map(row)].join("\n");
}

export const section = (each: Section) => [`## ${each.title}`, table(each), ...each.notes];
