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

/** What an image is made for, as its registry knows it ("amd64"): a list says so itself, a single image in its configuration. */
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

/** Of a list some entries are no images but say how one was built. */
export function architecturesIn(platforms: readonly Platform[]): string[] {
  const found = platforms.flatMap(({ os, architecture }) => (os === "linux" && architecture ? [architecture] : []));
  if (found.length === 0) throw new Error("the registry names no architecture for Linux");
  return [...new Set(found)];
}

async function documentAt<T>(send: Send, path: string, accept: string): Promise<T> {
  const response = accepted(await send(path, { headers: { accept } }));
  // Whoever asks knows which document is behind the address.
  return (await response.json()) as never;
}
