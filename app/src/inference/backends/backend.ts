import type { Tensor } from "../runtime";

/** The numbers or texts of an output, one input's after the other. */
export type Values = Tensor.DataType;

/** A model file that is loaded and ready to run. */
export interface LoadedModel {
  /** Holds `maxBatch` inputs; a run reads the first of them. */
  readonly batch: Float32Array;
  readonly maxBatch: number;
  run(count: number): Promise<Values>;
}

export const itemLength = (shape: number[]) => shape.reduce((product, side) => product * side, 1);

export function assertOneInput(names: readonly string[]): void {
  if (names.length !== 1) throw new Error(`it has the inputs ${names.join(", ")}; expected one`);
}

/** Models exported without a dynamic batch dimension take exactly as many inputs as they were exported with. */
export function largestBatch(fixed: number | undefined, wanted: number): number {
  if (fixed && fixed > 1) throw new Error(`it takes ${fixed} inputs at once; export it with a free batch dimension`);
  return fixed ?? wanted;
}
