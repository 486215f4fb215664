import type { Activation } from "../model/manifest";
import type { Output } from "./worker";

export interface Prediction {
  class: string;
  class_id: number;
  confidence: number;
}

export function topClasses(
  output: Output,
  labels: readonly string[],
  activation: Activation,
  top: number,
): Prediction[] {
  const values = output instanceof Float32Array ? output : Float64Array.from(output, Number);
  const confidence = activated(values, activation);
  return largest(values, top).map((id) => ({
    class: labels[id] ?? `class_${id}`,
    class_id: id,
    confidence: round4(confidence(at(values, id))),
  }));
}

type Values = Float32Array | Float64Array;

/** Indexes of the `count` largest values, the largest first. One pass: a sort of all classes took longer than the rest of an answer. */
function largest(values: Values, count: number): number[] {
  const found: number[] = [];
  for (let id = 0; id < values.length; id++) {
    const value = at(values, id);
    if (found.length === count && !(value > at(values, found[count - 1]))) continue;
    let place = found.length;
    while (place > 0 && value > at(values, found[place - 1])) place--;
    found.splice(place, 0, id);
    if (found.length > count) found.pop();
  }
  return found;
}

/** Every activation keeps the order of the values, so only those in the answer need it. */
function activated(values: Values, activation: Activation): (value: number) => number {
  if (activation === "none") return (value) => value;
  if (activation === "sigmoid") return (value) => 1 / (1 + Math.exp(-value));
  // Shifting by the largest keeps exp from overflowing and changes nothing else.
  let most = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < values.length; id++) most = Math.max(most, at(values, id));
  let sum = 0;
  for (let id = 0; id < values.length; id++) sum += Math.exp(at(values, id) - most);
  return (value) => Math.exp(value - most) / sum;
}

const at = (values: Values, index: number | undefined) => values[index ?? -1] ?? 0;
const round4 = (value: number) => Math.round(value * 1e4) / 1e4;
