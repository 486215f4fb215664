import { escaped } from "./html";
import { type Axis, roundTicks, type Scale, scaleTo, type Tick } from "./scale";

export type Pattern = "solid" | "dashed" | "dotted";

/** One entry of a legend. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly pattern?: Pattern;
}

export interface Line extends Series {
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  /** For screen readers. */
  readonly title: string;
  readonly x: Axis;
  /** Values above `end` are cut off. */
  readonly y: Axis & { readonly end?: number };
  readonly lines: readonly Line[];
  /** Draws each point as well. */
  readonly marks?: boolean;
  readonly limit?: { readonly value: number; readonly name: string };
}

export interface Bar {
  readonly name: string;
  /** One value for each series. */
  readonly values: readonly number[];
  readonly total: string;
}

export interface BarChart {
  readonly title: string;
  readonly x: Axis;
  readonly series: readonly Series[];
  readonly bars: readonly Bar[];
}

const dashes = { solid: "", dashed: "7 4", dotted: "2 4" } as const;
const barHeight = 28;
/** Few: names and totals leave little room for the axis on a phone. */
const intervalsOfBars = 4;

/** A chart with its heading and caption. */
export const figure = (title: string, chart: string, caption = "") =>
  `<figure><h2>${escaped(title)}</h2>${chart}${caption && `<figcaption>${escaped(caption)}</figcaption>`}</figure>`;

export function lineChart({ title, x, y, lines, marks = false, limit }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const xTicks = x.ticks ?? roundTicks(Math.max(0, ...points.map(([at]) => at)), x);
  const yTicks = y.ticks ?? roundTicks(y.end ?? Math.max(0, ...points.map(([, value]) => value)), y);
  const [xAt, yAt] = [scaleTo(endOf(xTicks)), upwards(scaleTo(endOf(yTicks)))];
  const grid = yTicks.map(({ value }) => `<line class="grid" x1="0" x2="100" y1="${yAt(value)}" y2="${yAt(value)}"/>`);
  const bound = limit && `<line class="limit" x1="0" x2="100" y1="${yAt(limit.value)}" y2="${yAt(limit.value)}"/>`;
  const drawn = lines.map((line) => polyline(line, xAt, yAt) + (marks ? dots(line, xAt, yAt) : ""));
  const series = limit ? [...lines, { name: limit.name, colour: "var(--ink)", pattern: "dashed" } as const] : lines;
  return `<div class="chart">
<p class="axis">${escaped(y.title)}</p>
<div class="labels">${yTicks.map(({ value, label }) => `<span style="top:${yAt(value)}%">${escaped(label)}</span>`).join("")}${sizer(yTicks)}</div>
${plot(title, 100, [...grid, bound ?? "", ...drawn].join(""))}
${xAxis(x, xTicks, xAt)}
${legend(series)}
</div>`;
}

/** Horizontal bars, each of as many parts as there are series. */
export function barChart({ title, x, series, bars }: BarChart): string {
  const ticks = x.ticks ?? roundTicks(Math.max(0, ...bars.map(({ values }) => sum(values))), x, intervalsOfBars);
  const at = scaleTo(endOf(ticks));
  const grid = ticks.map(({ value }) => `<line class="grid" x1="${at(value)}" x2="${at(value)}" y1="0" y2="100%"/>`);
  const rects = bars.flatMap(({ values }, row) =>
    values.map((value, part) => {
      const from = at(sum(values.slice(0, part)));
      const place = `x="${from}" y="${row * barHeight + 4}" width="${at(value)}" height="${barHeight - 8}"`;
      return value > 0 ? `<rect ${place} fill="${series[part]?.colour}"/>` : "";
    }),
  );
  const totals = bars.map(
    ({ values, total }, row) =>
      `<span class="total" style="left:${at(sum(values))}%;top:${row * barHeight}px">${escaped(total)}</span>`,
  );
  const height = bars.length * barHeight;
  return `<div class="chart bars">
<div class="labels">${bars.map(({ name }) => `<span>${escaped(name)}</span>`).join("")}</div>
${plot(title, height, grid.join("") + rects.join(""), ` style="height:${height}px"`, totals.join(""))}
${xAxis(x, ticks, at)}
${legend(series)}
</div>`;
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const endOf = (ticks: readonly Tick[]) => ticks.at(-1)?.value ?? 1;
const upwards =
  (scale: Scale): Scale =>
  (value) =>
    Number((100 - scale(value)).toFixed(2));

/** The drawing stretches with the page. Texts are HTML beside it, so that they keep their size on a phone. */
const plot = (title: string, height: number, drawing: string, style = "", over = "") =>
  `<div class="plot"${style}><svg viewBox="0 0 100 ${height}" preserveAspectRatio="none" role="img" aria-label="${escaped(title)}">${drawing}</svg>${over}</div>`;

/** The widest label, unseen, makes room for labels that are placed by their value. */
function sizer(ticks: readonly Tick[]): string {
  const widest = ticks.reduce((most, { label }) => (label.length > most.length ? label : most), "");
  return `<i aria-hidden="true">${escaped(widest)}</i>`;
}

const xAxis = ({ title }: Axis, ticks: readonly Tick[], at: Scale) =>
  `<div class="below">${ticks.map(({ value, label }) => `<span style="left:${at(value)}%">${escaped(label)}</span>`).join("")}</div>
<p class="axis end">${escaped(title)}</p>`;

function polyline({ points, colour, pattern = "solid" }: Line, x: Scale, y: Scale): string {
  const path = points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ");
  const dash = dashes[pattern] && ` stroke-dasharray="${dashes[pattern]}"`;
  return `<polyline points="${path}" fill="none" stroke="${colour}"${dash}/>`;
}

/** Lines without length and with round ends: a circle would be stretched with the drawing. */
const dots = ({ points, colour }: Line, x: Scale, y: Scale) =>
  points.map(([at, value]) => `<path class="dot" d="M${x(at)} ${y(value)}h0" stroke="${colour}"/>`).join("");

function legend(series: readonly Series[]): string {
  const entries = series.map(
    ({ name, colour, pattern = "solid" }) =>
      `<li><i style="border-top:3px ${pattern} ${colour}"></i>${escaped(name)}</li>`,
  );
  return `<ul class="legend">${entries.join("")}</ul>`;
}
