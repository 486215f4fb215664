import { createHash } from "node:crypto";
import { accepted, manifestTypes, type Send } from "../../components/aws/registry-client";
import { UserError } from "../cli/user-error";

/** A repository and the way to its registry. */
export interface Repository {
  readonly send: Send;
  readonly name: string;
}

interface Manifest {
  readonly mediaType?: string;
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

interface Descriptor {
  readonly digest: string;
  readonly size?: number;
}

export interface Copied {
  /** False when the tag already named the image. */
  readonly isNew: boolean;
}

/**
 * Copies an image byte for byte under its digest and tags it. Docker is not used: it would wrap a single image into a new index with
 * another digest
 * (https://docs.docker.com/reference/cli/docker/buildx/imagetools/create/, --prefer-index).
 */
export async function copyImage(
  from: Repository,
  to: Repository,
  { digest, tag }: { readonly digest: string; readonly tag: string },
): Promise<Copied> {
  const tagged = await to.send(manifestPath(to, tag), { method: "HEAD", headers: { accept: manifestTypes } });
  if (tagged.ok && tagged.headers.get("docker-content-digest") === digest) return { isNew: false };
  await copyManifest(from, to, digest, tag);
  return { isNew: true };
}

const manifestPath = ({ name }: Repository, reference: string) => `/v2/${name}/manifests/${reference}`;
const blobPath = ({ name }: Repository, digest: string) => `/v2/${name}/blobs/${digest}`;

/** Copies the parts first: a registry refuses a manifest with missing parts. */
async function copyManifest(from: Repository, to: Repository, digest: string, reference: string): Promise<void> {
  const response = accepted(await from.send(manifestPath(from, digest), { headers: { accept: manifestTypes } }));
  const body = new Uint8Array(await response.arrayBuffer());
  const actual = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  if (actual !== digest) throw new UserError(`${from.name}@${digest}: the registry sent an image of digest ${actual}`);
  const manifest = JSON.parse(Buffer.from(body).toString()) as Manifest;
  for (const { digest: child } of manifest.manifests ?? []) await copyManifest(from, to, child, child);
  for (const blob of [manifest.config, ...(manifest.layers ?? [])]) if (blob) await copyBlob(from, to, blob.digest);
  const type = manifest.mediaType ?? response.headers.get("content-type") ?? "";
  const headers = { "content-type": type };
  accepted(await to.send(manifestPath(to, reference), { method: "PUT", headers, body }));
}

/** The upload order of Docker: start, send, close with the digest, which the registry verifies. */
async function copyBlob(from: Repository, to: Repository, digest: string): Promise<void> {
  const present = await to.send(blobPath(to, digest), { method: "HEAD" });
  if (present.ok) return;
  const begun = accepted(await to.send(`/v2/${to.name}/blobs/uploads/`, { method: "POST" }));
  const { body } = accepted(await from.send(blobPath(from, digest)));
  const headers = { "content-type": "application/octet-stream" };
  const sent = accepted(await to.send(uploadOf(begun), { method: "PATCH", headers, body: body ?? new Uint8Array() }));
  const close = new URL(uploadOf(sent));
  close.searchParams.set("digest", digest);
  accepted(await to.send(close.href, { method: "PUT" }));
}

/** The upload address, which registries return with or without their host. */
function uploadOf(response: Response): string {
  const location = response.headers.get("location");
  if (location === null) throw new UserError(`${new URL(response.url).host} returned no upload address`);
  return new URL(location, response.url).href;
}
