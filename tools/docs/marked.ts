const start = (name: string) => `<!-- ${name}: written by npm run docs -->`;
const end = (name: string) => `<!-- /${name} -->`;

/** The document with the text between the markers of that name, whatever was there before. */
export function withMarked(document: string, name: string, text: string): string {
  const [from, to] = [document.indexOf(start(name)), document.indexOf(end(name))];
  if (from < 0 || to < from)
    throw new Error(`README.md has no place for ${name}; expected the lines\n${start(name)}\n${end(name)}`);
  return `${document.slice(0, from + start(name).length)}\n${text}\n${document.slice(to)}`;
}
