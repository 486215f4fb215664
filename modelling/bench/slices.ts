import { round } from "./markdown";
import { median } from "./statistics";

export interface Slice {
  round: number;
  clients: number;
  perSecond: number;
  /** CPU time the server used for one: unlike its rate, it hardly depends on what else the machine does. */
  cpuMsPerImage: number;
  p50Ms: number;
  p99Ms: number;
  foreignShare: number;
}

/** Beyond it a figure says more about the other work on the machine. */
const foreignShareTolerated = 0.1;
export const isDisturbed = ({ foreignShare }: { foreignShare: number }) => foreignShare > foreignShareTolerated;

export const at = ({ slices }: { slices: Slice[] }, clients: number) =>
  slices.filter((slice) => slice.clients === clients);
export const clean = (slices: Slice[]) => slices.filter((slice) => !isDisturbed(slice));

/** The median of the undisturbed; `~` marks one of disturbed slices. */
export function typical(slices: Slice[], value: (slice: Slice) => number): string {
  const undisturbed = clean(slices);
  const mark = undisturbed.length === 0 ? "~" : "";
  return mark + round(median((mark ? slices : undisturbed).map(value)));
}

export const clientsOf = (results: readonly { slices: Slice[] }[]) => [
  ...new Set(results.flatMap(({ slices }) => slices.map(({ clients }) => clients))),
];
