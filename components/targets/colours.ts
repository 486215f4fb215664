import { chartColours } from "../core/chart-colours";
import { targets } from "./index";

/** The colour of each line of a chart, from the platform that it is about: a platform's second line takes another shade. */
export function lineColours(platforms: readonly (string | undefined)[]): string[] {
  return platforms.map((platform, index) => {
    const shades = chartColours.platforms[targets.findIndex(({ name }) => name === platform)];
    const rank = platforms.slice(0, index).filter((earlier) => earlier === platform).length;
    return shades?.[rank] ?? chartColours.neutral;
  });
}

export const platformColour = (platform: string): string => lineColours([platform])[0] ?? chartColours.neutral;
