const cell = (text: string) => text.replaceAll("|", "\\|");

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** The document with the table between the markers of that name. The path is for the error. */
export function withTable(document: string, name: string, table: string, path: string): string {
  const start = `<!-- ${name}: written by npm run docs -->`;
  const end = `<!-- /${name} -->`;
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${path} has no place for the table; expected the lines\n${start}\n${end}`);
  return `${document.slice(0, from + start.length)}\n${table}\n${document.slice(to)}`;
}
