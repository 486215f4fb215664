import { sumOf } from "../../../components/pricing";
import { figure, width } from "../../render/figure";
import { type Comparison, monthly } from "../comparison";

const left = 120;
const parts = [
  { side: "shared", colour: "var(--f)", label: "shared" },
  { side: "ecs", colour: "var(--a)", label: "ECS" },
  { side: "eks", colour: "var(--b)", label: "EKS" },
] as const;

/** What is shared and what is a platform's own, for each load. */
export function costBars(facts: Comparison): string {
  const bars = facts.scenarios.flatMap(({ name }) => (["ecs", "eks"] as const).map((target) => ({ name, target })));
  const most = Math.max(...bars.map(({ name, target }) => monthly(facts, target, name)));
  const scale = (usd: number) => (usd / most) * (width - left - 80);
  const body = bars.map(({ name, target }, index) => {
    const y = 8 + index * 26 + Math.floor(index / 2) * 8;
    let x = left;
    const pieces = parts.map(({ side, colour }) => {
      const length = scale(sumOf(facts.bills[target][name], side));
      const piece = `<rect x="${x.toFixed(1)}" y="${y}" width="${length.toFixed(1)}" height="18" fill="${colour}"/>`;
      x += length;
      return length > 0 ? piece : "";
    });
    const total = `<text x="${(x + 6).toFixed(1)}" y="${y + 13}">${monthly(facts, target, name).toFixed(0)}</text>`;
    return `<text x="0" y="${y + 13}">${name}, ${target.toUpperCase()}</text>${pieces.join("")}${total}`;
  });
  const caption = "USD: grey is what both platforms share, blue is ECS's own, orange is EKS's own.";
  return figure(caption, 8 + bars.length * 26 + 24, "Cost by load, for ECS and EKS", body.join(""));
}

const colours = ["var(--a)", "var(--c)", "var(--b)", "var(--e)", "var(--d)", "var(--f)"];
const dashes = ["", "6 3", "", "6 3", "2 3", "8 3 2 3"];
const height = 340;
const bottom = 40;

/** Each way of running it, with more and more replicas under steady load. */
export function replicaCurves({ curves }: Comparison): string {
  const count = curves[0]?.usd.length ?? 1;
  const most = Math.max(...curves.flatMap(({ usd }) => usd));
  const plot = width - 60 - 130;
  const x = (replicas: number) => 60 + ((replicas - 1) / Math.max(1, count - 1)) * plot;
  const y = (usd: number) => height - bottom - (usd / most) * (height - bottom - 16);
  const lines = curves.map(({ usd }, index) => {
    const points = usd.map((value, at) => `${x(at + 1).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const dash = dashes[index] ? ` stroke-dasharray="${dashes[index]}"` : "";
    return `<polyline points="${points}" fill="none" stroke="${colours[index]}" stroke-width="2"${dash}/>`;
  });
  const names = spread(curves.map(({ usd }) => y(usd[count - 1] ?? 0))).map(
    (at, index) =>
      `<text x="${x(count) + 8}" y="${(at + 4).toFixed(1)}" style="fill:${colours[index]}">${curves[index]?.name}</text>`,
  );
  const caption = "USD over replicas, each under steady load. Lambda pays for requests alone; SageMaker for instances.";
  return figure(
    caption,
    height,
    "Cost over the number of replicas",
    axes(count, most, x, y) + lines.join("") + names.join(""),
  );
}

function axes(count: number, most: number, x: (replicas: number) => number, y: (usd: number) => number): string {
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most);
  const grid = levels.map(
    (usd) =>
      `<line class="axis" x1="60" x2="${x(count)}" y1="${y(usd)}" y2="${y(usd)}"/><text class="quiet" x="52" y="${y(usd) + 4}" text-anchor="end">${usd.toFixed(0)}</text>`,
  );
  const step = Math.max(1, Math.ceil(count / 12));
  const marks = Array.from({ length: count }, (_, index) => index + 1).filter(
    (replicas) => replicas % step === 0 || replicas === 1,
  );
  const ticks = marks.map(
    (replicas) => `<text class="quiet" x="${x(replicas)}" y="${height - 18}" text-anchor="middle">${replicas}</text>`,
  );
  return grid.join("") + ticks.join("");
}

/** Labels that would lie on each other move apart; each stays nearest to its line. */
function spread(wanted: readonly number[], gap = 15): number[] {
  const order = wanted.map((at, index) => ({ at, index })).sort((a, b) => b.at - a.at);
  let last = Number.POSITIVE_INFINITY;
  const placed = [...wanted];
  for (const { at, index } of order) {
    last = Math.min(at, last - gap);
    placed[index] = last;
  }
  return placed;
}
