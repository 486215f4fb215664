import type { Recording } from "../load/recording";
import { figure, width } from "../render/figure";
import { escaped } from "../render/html";

const [height, left, right, top, bottom] = [300, 60, 110, 12, 44];
const colours = ["var(--a)", "var(--b)", "var(--c)", "var(--d)", "var(--e)"];

/** How the 99th percentile grows with the rate; nothing where there was one rate only. */
export function latencyCurves({ lanes, p99LimitMs }: Recording): string {
  if (p99LimitMs === undefined) return "";
  const curves = lanes.map(({ name, steps }) => ({
    name,
    points: [...steps].filter(({ p99Ms }) => p99Ms > 0).sort((one, other) => one.perSecond - other.perSecond),
  }));
  const all = curves.flatMap(({ points }) => points);
  const most = { rate: Math.max(1, ...all.map(({ perSecond }) => perSecond)), ms: p99LimitMs * 2 };
  const x = (rate: number) => left + (rate / most.rate) * (width - left - right);
  // What broke the objective by far would flatten all that kept it.
  const y = (ms: number) => height - bottom - (Math.min(ms, most.ms) / most.ms) * (height - top - bottom);
  const drawn = curves.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const line = points.map(({ perSecond, p99Ms }) => `${x(perSecond).toFixed(1)},${y(p99Ms).toFixed(1)}`).join(" ");
    const marks = points.map(
      ({ perSecond, p99Ms }) => `<circle cx="${x(perSecond)}" cy="${y(p99Ms)}" r="3" fill="${colour}"/>`,
    );
    const label = `<text x="${width - right + 12}" y="${top + 14 + index * 18}" style="fill:${colour}">${escaped(name)}</text>`;
    return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>${marks.join("")}${label}`;
  });
  const body = axes(x, y, most) + limit(y(p99LimitMs), p99LimitMs) + drawn.join("");
  const caption = `99th percentile in ms over requests a second. Above ${most.ms} ms it is drawn at the upper edge.`;
  return figure(caption, height, "Latency over the rate", body);
}

function axes(x: (rate: number) => number, y: (ms: number) => number, most: { rate: number; ms: number }): string {
  const levels = [0, 0.5, 1, 1.5, 2].map((share) => (share / 2) * most.ms);
  const grid = levels.map(
    (ms) =>
      `<line class="axis" x1="${left}" x2="${width - right}" y1="${y(ms)}" y2="${y(ms)}"/><text class="quiet" x="${left - 8}" y="${y(ms) + 4}" text-anchor="end">${ms.toFixed(0)}</text>`,
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text class="quiet" x="${x(share * most.rate)}" y="${height - 20}" text-anchor="middle">${Number((share * most.rate).toPrecision(3))}</text>`,
  );
  return grid.join("") + ticks.join("");
}

const limit = (at: number, ms: number) =>
  `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="var(--ink)" stroke-dasharray="4 3"/><text class="quiet" x="${width - right + 12}" y="${at + 4}">${ms} ms</text>`;
