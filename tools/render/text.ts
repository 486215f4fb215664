import type { Section } from "./section";

/** Width of a terminal in columns. */
export const width = 80;
const gap = 2;

export function block({ title, head, rows, figures, notes }: Section): string {
  const right = (column: number) => column >= head.length - figures;
  const columns = widths([head.map((text, column) => (right(column) ? longestWord(text) : text)), ...rows]);
  const lines = [head, columns.map((each) => "-".repeat(each)), ...rows].flatMap((row) =>
    rendered(row, columns, right),
  );
  return [title, ...lines, ...notes.flatMap((note) => wrap(note, width))].join("\n");
}

const longestWord = (text: string) => text.split(" ").reduce((one, other) => (other.length > one.length ? other : one));

/** As wide as the widest cell; the widest columns shrink until all fit. */
export function widths(rows: readonly (readonly string[])[]): number[] {
  const columns = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const words = columns.map((_, column) =>
    Math.max(...rows.flatMap((row) => (row[column] ?? "").split(" ").map((word) => word.length))),
  );
  const taken = () => columns.reduce((sum, each) => sum + each, gap * (columns.length - 1));
  while (taken() > width) {
    const slack = columns.map((each, column) => (each > (words[column] ?? 0) ? each : 0));
    const widest = Math.max(...slack);
    if (widest === 0) break;
    columns[slack.indexOf(widest)] = widest - 1;
  }
  return columns;
}

function rendered(row: readonly string[], columns: readonly number[], right: (column: number) => boolean): string[] {
  const cells = columns.map((each, column) => wrap(row[column] ?? "", each));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, column) =>
        right(column)
          ? (cell[line] ?? "").padStart(columns[column] ?? 0)
          : (cell[line] ?? "").padEnd(columns[column] ?? 0),
      )
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

export function wrap(sentence: string, most: number): string[] {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const last = lines[lines.length - 1] ?? "";
    const joined = last === "" ? word : `${last} ${word}`;
    if (joined.length <= most || last === "") lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}
