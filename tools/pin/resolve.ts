import { createHash } from "node:crypto";
import { accepted, manifestTypes, type RegistryAccess, registryClient } from "../../components/aws/registry-client";
import { type ImageReference, parseImage, tagOf } from "../../components/core/image-reference";

/** The digest that a tag names now: of the image, or of the index of a multi-platform image. It is the SHA-256 of the manifest. */
export async function digestOf(tagged: string, access: RegistryAccess, signal: AbortSignal): Promise<string> {
  const { repository } = parseImage(tagged);
  const path = `/v2/${repository}/manifests/${tagOf(tagged)}`;
  const response = accepted(await registryClient(access, signal)(path, { headers: { accept: manifestTypes } }));
  const bytes = new Uint8Array(await response.arrayBuffer());
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** name:tag -> name@sha256:... */
export function pinned(tagged: string, digest: string): string {
  const [name = ""] = tagged.split("@", 1);
  return `${name.replace(/:[^:/]*$/, "")}@${digest}`;
}

/** Where a person signs in, when the registry refuses. */
export const signInHint = ({ registry, ecr }: ImageReference) =>
  ecr ? "check the AWS sign-in, and that it may pull from the repository" : `docker login ${registry}`;
