import type { Section } from "./section";
import { style } from "./style";

export const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);

/** One page that needs nothing else: styles and charts are in it, and no script. */
export function page(title: string, parts: readonly string[], furtherStyle = ""): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}${furtherStyle}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${parts.join("\n")}
</main>
</body>
</html>
`;
}

/** A wide table scrolls inside its own frame, which the keyboard reaches. */
export function section({ title, head, rows, figures, notes }: Section): string {
  const figure = (column: number) => (column >= head.length - figures ? ' class="figure"' : "");
  const headers = head.map((text, column) => `<th scope="col"${figure(column)}>${escaped(text)}</th>`).join("");
  const body = rows.map((row) => {
    const [first = "", ...cells] = row;
    const rest = cells.map((text, index) => `<td${figure(index + 1)}>${escaped(text)}</td>`).join("");
    return `<tr${first === "Sum" ? ' class="sum"' : ""}><th scope="row">${escaped(first)}</th>${rest}</tr>`;
  });
  return `<section>
<h2>${escaped(title)}</h2>
<div class="frame" tabindex="0" role="region" aria-label="${escaped(title)}">
<table><thead><tr>${headers}</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div>
${notes.map((note) => `<p class="note">${escaped(note)}</p>`).join("\n")}
</section>`;
}
