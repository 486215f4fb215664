/** A table with its heading and notes, for every format. */
export interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of figures, from the right. */
  readonly figures: number;
  readonly notes: readonly string[];
}
