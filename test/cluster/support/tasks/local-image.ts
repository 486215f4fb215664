import { type EngineApi, EngineError } from "./engine-api";

export interface LocalImage {
  readonly id: string;
  /** Paths of VOLUME. */
  readonly volumes: readonly string[];
}

interface InspectedImage {
  readonly Id: string;
  readonly Config: { readonly Volumes?: Readonly<Record<string, object>> | null };
}

/** A digest is the id of an image in the engine: that is how the tier builds its references. */
const localName = (reference: string): string => reference.split("@")[1] ?? reference;

/** In place of a pull; it fails as one. */
export async function findImage(engine: EngineApi, reference: string): Promise<LocalImage> {
  try {
    const path = `/images/${encodeURIComponent(localName(reference))}/json`;
    const { Id, Config } = await engine.json<InspectedImage>("GET", path);
    return { id: Id, volumes: Object.keys(Config.Volumes ?? {}) };
  } catch (error) {
    if (!(error instanceof EngineError) || error.status !== 404) throw error;
    const retried = "CannotPullContainerError: pull image manifest has been retried 1 time(s)";
    throw new Error(`${retried}: failed to resolve ref ${reference}: ${reference}: not found`);
  }
}
