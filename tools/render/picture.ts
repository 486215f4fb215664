import type { LineChart, Series } from "./chart";
import { escaped } from "./html";
import { type Axis, roundTicks, scaleTo, type Tick } from "./scale";

const [left, top, plotWidth, plotHeight] = [56, 72, 540, 260];
const [width, height] = [740, top + plotHeight + 62];
const dashes = { solid: "", dashed: "7 4", dotted: "2 4" } as const;

/** Light or dark as the reader's system is set. */
const style = `
svg { --ground: #ffffff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; }
@media (prefers-color-scheme: dark) { svg { --ground: #0d1117; --ink: #e6edf3; --quiet: #9ea7b3; --line: #30363d; } }
text { fill: var(--quiet); font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.ink { fill: var(--ink); }`;

/** A line chart as an SVG file of its own, for a README. Names stand at the ends of their lines. */
export function picture({ title, x, y, lines }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const [xTicks, yTicks] = [ticksOf(x, points, 0), ticksOf(y, points, 1)];
  const across = (value: number) => left + (share(value, xTicks) * plotWidth) / 100;
  const down = (value: number) => top + plotHeight - (share(value, yTicks) * plotHeight) / 100;
  const rows = [
    text(16, 28, escaped(title), 'class="ink" style="font-weight: 600"'),
    text(16, 52, escaped(y.title)),
    ...yTicks.map(
      ({ value, label }) => rule(down(value)) + text(left - 8, down(value) + 4, label, 'text-anchor="end"'),
    ),
    ...xTicks.map(({ value, label }) => text(across(value), top + plotHeight + 22, label, 'text-anchor="middle"')),
    text(left + plotWidth / 2, top + plotHeight + 46, escaped(x.title), 'text-anchor="middle"'),
    ...lines.map((line) =>
      polyline(
        line,
        line.points.map(([at, value]) => `${round(across(at))},${round(down(value))}`),
      ),
    ),
    ...names(
      lines
        .map((line) => ({ ...line, end: line.points.at(-1) ?? [0, 0] }))
        .map(({ end, name }) => {
          return { name, x: across(end[0]) + 8, y: down(end[1]) };
        }),
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>${style}
</style>
<rect width="${width}" height="${height}" style="fill: var(--ground)"/>
${rows.join("\n")}
</svg>
`;
}

type Ticks = readonly Tick[];
type Point = readonly [number, number];

const ticksOf = (axis: Axis, points: readonly Point[], coordinate: 0 | 1): Ticks =>
  axis.ticks ?? roundTicks(Math.max(0, ...points.map((point) => point[coordinate])), axis);
const share = (value: number, ticks: Ticks) => scaleTo(ticks.at(-1)?.value ?? 1)(value);
const round = (value: number) => Number(value.toFixed(1));
const text = (x: number, y: number, content: string, attributes = "") =>
  `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${content}</text>`;
const rule = (y: number) =>
  `<line x1="${left}" x2="${left + plotWidth}" y1="${round(y)}" y2="${round(y)}" style="stroke: var(--line)"/>`;

function polyline({ colour, pattern = "solid" }: Series, points: readonly string[]): string {
  const dash = dashes[pattern] && ` stroke-dasharray="${dashes[pattern]}"`;
  return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
}

/** From the bottom up; a name that would lie on the one below it moves up. */
function names(ends: readonly { readonly name: string; readonly x: number; readonly y: number }[], gap = 15): string[] {
  let last = Number.POSITIVE_INFINITY;
  return [...ends]
    .sort((one, other) => other.y - one.y)
    .map(({ name, x, y }) => {
      last = Math.min(y, last - gap);
      return text(x, last + 4, escaped(name), 'class="ink"');
    });
}
