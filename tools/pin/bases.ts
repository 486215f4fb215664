import { createHash } from "node:crypto";
import { accepted, manifestTypes, registryClient, registryUrl } from "../../components/aws/registry-client";
import { baseImages } from "../../components/core/base-image";
import { parseImage } from "../../components/core/image-reference";

export interface Pin {
  /** As the Dockerfile named it. */
  readonly before: string;
  /** name:tag@sha256:... */
  readonly after: string;
}

/** The newest digest of each tag that a Dockerfile starts from. A reference with a variable is not ours to resolve. */
export async function newestBases(dockerfile: string, signal: AbortSignal): Promise<Pin[]> {
  const literal = baseImages(dockerfile).filter((image) => !image.includes("$"));
  return Promise.all(
    literal.map(async (before) => {
      const [tagged = before] = before.split("@");
      return { before, after: `${tagged}@${await digestOf(tagged, signal)}` };
    }),
  );
}

/** Nothing else of the file changes. */
export function withBases(dockerfile: string, pins: readonly Pin[]): string {
  return dockerfile.replace(/^(FROM +(?:--\S+ +)*)(\S+)/gim, (line, start: string, image: string) => {
    const pin = pins.find(({ before }) => before === image);
    return pin ? `${start}${pin.after}` : line;
  });
}

/** Of the index where there are images for several platforms: the bytes' own, as the registry computes it. */
async function digestOf(tagged: string, signal: AbortSignal): Promise<string> {
  const { registry, repository } = parseImage(tagged);
  const tag = /:([^:/]+)$/.exec(tagged)?.[1] ?? "latest";
  const send = registryClient({ url: registryUrl(registry) }, signal);
  const response = accepted(await send(`/v2/${repository}/manifests/${tag}`, { headers: { accept: manifestTypes } }));
  const bytes = new Uint8Array(await response.arrayBuffer());
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
