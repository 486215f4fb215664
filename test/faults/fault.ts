/** A change of one file that makes the program wrong. */
export type Edit = readonly [path: string, from: string, to: string];

export interface Fault {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The suite that must fail, below test/. */
  readonly suite: string;
  /** The only test of it that runs, by words of its title. Without it, all run until one fails. */
  readonly test?: string;
  /** Output of the failing suite. */
  readonly says: RegExp;
}
