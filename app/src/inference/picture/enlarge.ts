import type { ImageRule } from "../../model/manifest";

/** Part of one axis: `count` pixels from `start` on, of a line that is enlarged from `from` to `to` pixels. */
export interface Axis {
  from: number;
  to: number;
  start: number;
  count: number;
}

/** The source of one pixel of the result: neighbours from `first` on, each with its weight. */
interface Taps {
  first: number;
  weights: number[];
}

const kernels: Record<ImageRule["kernel"], { reach: number; weigh: (distance: number) => number }> = {
  linear: { reach: 1, weigh: (x) => Math.max(0, 1 - x) },
  // Keys' cubic at a = -0.5, as Pillow has it.
  cubic: { reach: 2, weigh: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((2.5 - 0.5 * x) * x - 4) * x + 2) },
};

/**
 * Enlarges RGB bytes as Pillow does, centre of pixel on centre of pixel: libvips would be off by half a pixel of the result.
 * Makes only the part of the result that the axes ask for.
 */
export function enlarge(pixels: Uint8Array, across: Axis, down: Axis, kernel: ImageRule["kernel"]): Uint8Array {
  const columns = tapsOf(across, kernel);
  const rows = tapsOf(down, kernel);
  const lineLength = columns.length * 3;
  const result = new Uint8ClampedArray(rows.length * lineLength);
  const wide = new Map<number, Float32Array>();
  const widened = (line: number) => {
    const known = wide.get(line) ?? widen(pixels.subarray(line * across.from * 3), columns);
    wide.set(line, known);
    return known;
  };
  for (const [row, { first, weights }] of rows.entries()) {
    const sums = new Float32Array(lineLength);
    for (const [tap, weight] of weights.entries()) add(sums, widened(first + tap), weight);
    result.set(sums, row * lineLength);
  }
  return new Uint8Array(result.buffer);
}

function widen(line: Uint8Array, columns: Taps[]): Float32Array {
  const wide = new Float32Array(columns.length * 3);
  let at = 0;
  for (const { first, weights } of columns) {
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) {
        sum += (weights[tap] as number) * (line[(first + tap) * 3 + channel] as number);
      }
      wide[at++] = sum;
    }
  }
  return wide;
}

function add(sums: Float32Array, line: Float32Array, weight: number): void {
  for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) + weight * (line[at] as number);
}

function tapsOf({ from, to, start, count }: Axis, kernel: ImageRule["kernel"]): Taps[] {
  const { reach, weigh } = kernels[kernel];
  return Array.from({ length: count }, (_, index) => {
    const centre = ((start + index + 0.5) * from) / to;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, tap) => weigh(Math.abs(first + tap + 0.5 - centre)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
