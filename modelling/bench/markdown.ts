/** A table whose columns are also aligned in a terminal. */
export function markdown(head: string[], rows: string[][]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map(() => "---")), ...rows.map(line)].join("\n");
}

export const round = (value: number) => (value < 100 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0));
