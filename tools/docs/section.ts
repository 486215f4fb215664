/** Two lines that readers of the format ignore. What is between them is generated. */
interface Markers {
  readonly start: string;
  readonly end: string;
}

export const markdownMarkers = (name: string): Markers => ({
  start: `<!-- ${name}: written by npm run docs -->`,
  end: `<!-- /${name} -->`,
});

export const yamlMarkers = (name: string): Markers => ({
  start: `# ${name}: written by npm run docs`,
  end: `# /${name}`,
});

/** The document with the text between the markers. The path is for the error. */
export function withSection(document: string, { start, end }: Markers, text: string, path: string): string {
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no generated section; expected the lines\n${start}\n${end}`);
  const indent = /[ ]*$/.exec(document.slice(0, to))?.[0] ?? "";
  return `${document.slice(0, from + start.length)}\n${text}\n${indent}${document.slice(to)}`;
}
