import { dashboard } from "../../components/monitoring/dashboard";
import { columns, type Placed, place, type Widget } from "../../components/monitoring/widgets";
import { chart } from "./chart";
import { sampleStack, sampleValues } from "./sample";

const escaped = (text: string) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

const cell = { width: 50, height: 50 };
const gap = 8;

/** How tall the page is, in pixels. */
export function pageHeight(): number {
  const rows = Math.max(...place(dashboard(sampleStack)).map(({ y, height }) => y + height));
  return rows * (cell.height + gap) + 60;
}

const style = `
  :root { color-scheme: light; --page: #f4f5f7; --card: #fff; --text: #1d2530; --quiet: #5d6775; --line: #dfe3e8; --ok: #1e7d45; }
  :root[data-theme="dark"] { color-scheme: dark; --page: #10151c; --card: #1a212b; --text: #e6eaf0; --quiet: #9aa6b5; --line: #313b48; --ok: #5fcf8d; }
  * { box-sizing: border-box; }
  body { margin: 0; padding: 16px; background: var(--page); color: var(--text); font: 13px/1.4 system-ui, sans-serif; }
  p { margin: 0 0 12px; color: var(--quiet); }
  main { display: grid; grid-template-columns: repeat(${columns}, 1fr); grid-auto-rows: ${cell.height}px; gap: ${gap}px; }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; overflow: hidden; display: flex; flex-direction: column; }
  h1 { font-size: 18px; margin: 0 0 6px; } h2 { font-size: 13px; margin: 0; } h2 small { font-weight: normal; color: var(--quiet); }
  table { border-collapse: collapse; } td, th { text-align: left; padding: 2px 18px 2px 0; } th { color: var(--quiet); font-weight: normal; }
  svg { width: 100%; flex: 1; min-height: 0; } svg text { fill: var(--quiet); font-size: 11px; } .grid { stroke: var(--line); }
  ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 16px; } li i { display: inline-block; width: 14px; height: 3px; margin: 0 6px 3px 0; }
  @media (max-width: 900px) { main { display: block; } section { margin-bottom: ${gap}px; } svg { flex: none; height: 170px; } }
  @media print { :root, :root[data-theme="dark"] { color-scheme: light; --page: #fff; --card: #fff; --text: #1d2530; --quiet: #5d6775; --line: #dfe3e8; } }
  .alarms li { border: 1px solid var(--line); border-left: 4px solid var(--ok); border-radius: 3px; padding: 2px 10px; } .alarms { margin-top: 8px; }
`;

/** A page of its own: no other file, no network. It takes the theme of the machine, or the one after # in its address. */
export function page(): string {
  const widgets = place(dashboard(sampleStack)).map(section);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dashboard with sample data</title><style>${style}</style>
<script>
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = location.hash.slice(1) || (dark ? "dark" : "light");
</script></head>
<body><p>Sample data: the layout is the deployed dashboard's, the values are made up.</p>
<main>${widgets.join("\n")}</main></body></html>
`;
}

function section({ widget, x, y, width, height }: Placed): string {
  const area = `grid-area: ${y + 1} / ${x + 1} / span ${height} / span ${width}`;
  return `<section style="${area}">${content(widget, width * cell.width, height * cell.height - 64)}</section>`;
}

function content(widget: Widget, width: number, height: number): string {
  if (widget.kind === "text") return text(widget.markdown);
  if (widget.kind === "alarms") {
    const names = widget.arns.map((arn) => `<li>${escaped(arn.split(":").pop() ?? arn)}</li>`);
    return `<h2>${widget.title} <small>all OK</small></h2><ul class="alarms">${names.join("")}</ul>`;
  }
  const named = widget.kind === "chart" ? widget.lines : widget.searches;
  const lines = named.map(({ label, colour }, rank) => ({
    label,
    colour,
    values: sampleValues(widget.title, label, rank),
  }));
  const legend = lines.map(({ label, colour }) => `<li><i style="background:${colour}"></i>${escaped(label)}</li>`);
  const head = `<h2>${escaped(widget.title)} <small>${escaped(widget.unit)}</small></h2>`;
  return `${head}${chart(escaped(widget.title), lines, width, height)}<ul>${legend.join("")}</ul>`;
}

/** As much of Markdown as the dashboard's text uses: a heading and a table. */
function text(markdown: string): string {
  const lines = markdown.split("\n").filter((line) => line !== "" && !/^\|[-|]+$/.test(line));
  const rows = lines.filter((line) => line.startsWith("|"));
  const headings = lines.filter((line) => line.startsWith("# ")).map((line) => `<h1>${escaped(line.slice(2))}</h1>`);
  const cells = (row: string, open: string, close: string) =>
    row
      .slice(1, -1)
      .split("|")
      .map((each) => `${open}${escaped(each.trim().replaceAll("`", ""))}${close}`)
      .join("");
  const [head = "", ...others] = rows;
  const table = [cells(head, '<th scope="col">', "</th>"), ...others.map((row) => cells(row, "<td>", "</td>"))]
    .map((row) => `<tr>${row}</tr>`)
    .join("");
  return `${headings.join("")}<table>${table}</table>`;
}
