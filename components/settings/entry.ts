import type { Schema } from "./schema";

/** The description of a key. Pulumi.yaml and docs/configuration.md are written from it (`npm run docs`). */
export interface Entry<T> {
  readonly schema: Schema<T>;
  /** As Pulumi.yaml declares it. The CLI applies the one there; everything that runs without the CLI applies this one. */
  readonly fallback: unknown;
  /** What the key does, in full sentences. Markdown. */
  readonly text: string;
  /** Keys of a stack file that show it. With aws:region and ingressCidrs they are a whole stack. */
  readonly example: Readonly<Record<string, unknown>>;
  /** The prompt of `pulumi new`. */
  readonly prompt?: string;
  /** Whether the value reaches AWS as a secret. Any other key is refused when it is encrypted. */
  readonly mayBeEncrypted?: true;
}

type Written<T> = Omit<Entry<T>, "fallback"> & Partial<Pick<Entry<T>, "fallback">>;

/** An object falls back on the defaults of its fields, which its schema holds. */
export const entry = <T>(written: Written<T>): Entry<T> => ({ fallback: written.schema.defaults, ...written });
