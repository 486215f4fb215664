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
  const confidences = activate(Float64Array.from(output, Number), activation);
  return Array.from(confidences.keys())
    .sort((a, b) => at(confidences, b) - at(confidences, a))
    .slice(0, top)
    .map((id) => ({ class: labels[id] ?? `class_${id}`, class_id: id, confidence: round4(at(confidences, id)) }));
}

function activate(values: Float64Array, activation: Activation): Float64Array {
  if (activation === "none") return values;
  if (activation === "sigmoid") return values.map((value) => 1 / (1 + Math.exp(-value)));
  // Shifting by the largest keeps exp from overflowing and changes nothing else.
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const exponentials = values.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

const at = (values: Float64Array, index: number) => values[index] ?? 0;
const round4 = (value: number) => Math.round(value * 1e4) / 1e4;
