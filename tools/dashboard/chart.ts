import { minutes } from "./sample";

export interface Drawn {
  readonly label: string;
  readonly colour: string;
  readonly values: readonly number[];
}

const margin = { left: 44, right: 10, top: 6, bottom: 18 };

/** Round numbers from zero to above the highest value. */
export function ticks(highest: number): number[] {
  const rough = Math.max(highest, 1e-9) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(highest / step) + 2 }, (_, index) => Number((index * step).toPrecision(6)));
}

export function chart(title: string, lines: readonly Drawn[], width: number, height: number): string {
  const marks = ticks(Math.max(0, ...lines.flatMap(({ values }) => values)));
  const top = marks.at(-1) ?? 1;
  const x = (minute: number) => margin.left + ((width - margin.left - margin.right) * minute) / (minutes - 1);
  const y = (value: number) => height - margin.bottom - ((height - margin.top - margin.bottom) * value) / top;
  const grid = marks.map(
    (mark) => `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(mark)}" y2="${y(mark)}" class="grid"/>
      <text x="${margin.left - 6}" y="${y(mark) + 4}" text-anchor="end">${mark}</text>`,
  );
  const hours = [0, 60, 120, minutes - 1].map((minute) => {
    const anchor = minute === 0 ? "start" : minute === minutes - 1 ? "end" : "middle";
    const before = Math.round((minutes - minute) / 60);
    return `<text x="${x(minute)}" y="${height - 4}" text-anchor="${anchor}">${minute === minutes - 1 ? "now" : `-${before} h`}</text>`;
  });
  const drawn = lines.map(({ colour, values }) => {
    const points = values.map((value, minute) => `${x(minute).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.6"/>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${[...grid, ...hours, ...drawn].join("")}</svg>`;
}
