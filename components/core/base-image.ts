/** The images that a Dockerfile starts from, as it names them: "node:24-bookworm-slim", with or without "@sha256:...". */
export function baseImages(dockerfile: string): string[] {
  const starts = [...dockerfile.matchAll(/^FROM +(?:--\S+ +)*(\S+)(?: +AS +(\S+))?/gim)];
  const stages = new Set(starts.flatMap(([, , stage]) => (stage ? [stage] : [])));
  const images = starts.flatMap(([, image]) => (image && image !== "scratch" && !stages.has(image) ? [image] : []));
  return [...new Set(images)];
}

/** True for a reference with a digest, or with a variable that the build sets. */
export const isPinned = (image: string) => image.includes("@sha256:") || image.includes("$");
