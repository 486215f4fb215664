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

/** The newest digest of each base image tag in a Dockerfile. References with a build argument are skipped. */
export async function newestBases(dockerfile: string, signal: AbortSignal): Promise<Pin[]> {
  const literal = baseImages(dockerfile).filter((image) => !image.includes("$"));
  return Promise.all(
    literal.map(async (before) => {
      const [tagged = before] = before.split("@");
      return { before, after: `${tagged}@${await digestOf(tagged, signal)}` };
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

/** The digest of the manifest, or of the index of a multi-platform image: the SHA-256 of its bytes. */
async function digestOf(tagged: string, signal: AbortSignal): Promise<string> {
  const { registry, repository } = parseImage(tagged);
  const tag = /:([^:/]+)$/.exec(tagged)?.[1] ?? "latest";
  const send = registryClient({ url: registryUrl(registry) }, signal);
  const response = accepted(await send(`/v2/${repository}/manifests/${tag}`, { headers: { accept: manifestTypes } }));
  const bytes = new Uint8Array(await response.arrayBuffer());
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
