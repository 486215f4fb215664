import { shareOf, type Window } from "../core/schedule";

/** A number of replicas, and the part of a week that has it. */
export interface Share {
  readonly share: number;
  readonly replicas: number;
}

/** In a window its own bounds hold. */
export function sharesOf(usual: number, windows: readonly Window[]): Share[] {
  const within = windows.map((window) => ({
    share: shareOf(window),
    replicas: Math.min(Math.max(usual, window.min), window.max),
  }));
  const outside = within.reduce((rest, { share }) => rest - share, 1);
  return [{ share: outside, replicas: usual }, ...within];
}

/** Over a week. */
export const averageReplicas = (usual: number, windows: readonly Window[]): number =>
  sharesOf(usual, windows).reduce((sum, { share, replicas }) => sum + share * replicas, 0);
