import { dashboard } from "../../components/monitoring/dashboard";
import { columns, type Placed, place, type Widget } from "../../components/monitoring/widgets";
import { lineChart } from "../render/chart";
import { escaped, page as frame } from "../render/html";
import { minutes, sampleStack, sampleValues } from "./sample";

const rowHeight = 50;
const gap = 8;

/** How tall the page is, in pixels. */
export function pageHeight(): number {
  const rows = Math.max(...place(dashboard(sampleStack)).map(({ y, height }) => y + height));
  return rows * (rowHeight + gap) + 130;
}

const style = `
main { max-width: none; padding-bottom: 1rem; }
.dashboard { display: grid; grid-template-columns: repeat(${columns}, 1fr); grid-auto-rows: ${rowHeight}px; gap: ${gap}px; }
.dashboard section { border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; display: flex; flex-direction: column; min-width: 0; }
.dashboard h2 { font-size: 0.95rem; margin: 0 0 4px; }
.dashboard .chart { flex: 1; min-height: 0; }
.dashboard .plot { height: auto; min-height: 0; }
.dashboard table { width: auto; }
.alarms { list-style: none; margin: 4px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; font-size: 0.87rem; }
.alarms li { border: 1px solid var(--line); border-left: 4px solid var(--ok); border-radius: 3px; padding: 1px 8px; }
@media (max-width: 900px) { .dashboard { display: block; } .dashboard section { margin-bottom: ${gap}px; } .dashboard .plot { height: 160px; } }
`;

/** The dashboard of a stack, drawn with made-up values. */
export function page(): string {
  const widgets = place(dashboard(sampleStack)).map(section);
  return frame(
    "Dashboard with sample data",
    [
      "<p>The layout is that of the deployed dashboard. The values are invented.</p>",
      `<div class="dashboard">${widgets.join("\n")}</div>`,
    ],
    style,
  );
}

function section({ widget, x, y, width, height }: Placed): string {
  const area = `grid-area: ${y + 1} / ${x + 1} / span ${height} / span ${width}`;
  return `<section style="${area}">${content(widget)}</section>`;
}

function content(widget: Widget): string {
  if (widget.kind === "text") return text(widget.markdown);
  if (widget.kind === "alarms") {
    const names = widget.arns.map((arn) => `<li>${escaped(arn.split(":").pop() ?? arn)}</li>`);
    return `<h2>${escaped(widget.title)}: all OK</h2><ul class="alarms">${names.join("")}</ul>`;
  }
  const { title, unit } = widget;
  const named = widget.kind === "chart" ? widget.lines : widget.searches;
  const lines = named.map(({ label, colour }, rank) => ({
    name: label,
    colour,
    points: sampleValues(title, label, rank).map((value, minute) => [minute, value] as const),
  }));
  return `<h2>${escaped(title)}</h2>${lineChart({ title, x: { title: "time", ticks: hours }, y: { title: unit, isCount: unit === "replicas" || unit === "per minute" }, lines })}`;
}

const hours = [0, 60, 120, minutes - 1].map((value) => {
  const before = Math.round((minutes - value) / 60);
  return { value, label: before === 0 ? "now" : `-${before} h` };
});

/** The Markdown of the dashboard's text: a heading and a table. */
function text(markdown: string): string {
  const lines = markdown.split("\n").filter((line) => line !== "" && !/^\|[-|]+$/.test(line));
  const rows = lines.filter((line) => line.startsWith("|"));
  const headings = lines.filter((line) => line.startsWith("# ")).map((line) => `<h2>${escaped(line.slice(2))}</h2>`);
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
