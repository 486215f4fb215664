import { baseImages } from "../../components/core/base-image";
import { parseImage } from "../../components/core/image-reference";
import type { Config } from "../stack/file";
import { accessTo } from "./access";
import { digestOf } from "./resolve";

export interface Pin {
  /** As the Dockerfile named it. */
  readonly before: string;
  /** name:tag@sha256:... */
  readonly after: string;
}

/** The newest digest of each base image tag in a Dockerfile. References with a build argument are skipped. */
export async function newestBases(dockerfile: string, signal: AbortSignal, config?: Config): Promise<Pin[]> {
  const literal = baseImages(dockerfile).filter((image) => !image.includes("$"));
  return Promise.all(
    literal.map(async (before) => {
      const [tagged = before] = before.split("@");
      const access = await accessTo(parseImage(tagged), config);
      return { before, after: `${tagged}@${await digestOf(tagged, access, signal)}` };
    }),
  );
}

/** The Dockerfile with the pinned references; everything else stays. */
export function withBases(dockerfile: string, pins: readonly Pin[]): string {
  return dockerfile.replace(/^(FROM +(?:--\S+ +)*)(\S+)/gim, (line, start: string, image: string) => {
    const pin = pins.find(({ before }) => before === image);
    return pin ? `${start}${pin.after}` : line;
  });
}
