import { accepted, manifestTypes, type RegistryAccess, registryClient, type Send } from "../aws/registry-client";
import type { ImageReference } from "../core/image-reference";

interface Manifest {
  readonly manifests?: readonly { readonly platform?: Platform }[];
  readonly config?: { readonly digest?: string };
}

interface Platform {
  readonly os?: string;
  readonly architecture?: string;
}

/** The architectures of an image ("amd64"), from its index, or from the configuration of a single image. */
export async function architecturesOf(
  { repository, digest }: ImageReference,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<string[]> {
  const send = registryClient(access, signal);
  const base = `/v2/${repository}`;
  const manifest: Manifest = await documentAt(send, `${base}/manifests/${digest}`, manifestTypes);
  const platforms = manifest.manifests
    ? manifest.manifests.map(({ platform = {} }) => platform)
    : [await documentAt<Platform>(send, `${base}/blobs/${manifest.config?.digest}`, "*/*")];
  return architecturesIn(platforms);
}

/** Some entries of an index are attestations, which name no Linux architecture. */
export function architecturesIn(platforms: readonly Platform[]): string[] {
  const found = platforms.flatMap(({ os, architecture }) => (os === "linux" && architecture ? [architecture] : []));
  if (found.length === 0) throw new Error("the registry names no architecture for Linux");
  return [...new Set(found)];
}

async function documentAt<T>(send: Send, path: string, accept: string): Promise<T> {
  const response = accepted(await send(path, { headers: { accept } }));
  // The caller knows the type of the document.
  return (await response.json()) as never;
}
