import type { Precision } from "./manifest";
import type { Place } from "./model-source";
export async function downloadModel(_uri: string, _precision: Precision | undefined): Promise<Place> {
  throw new Error("soon");
}
