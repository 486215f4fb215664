import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

interface Stored {
  readonly bytes: Buffer;
  readonly type: string;
}

/** An in-memory registry for pushes and pulls that refuses what ECR refuses: missing layers, moved tags, wrong digests. */
export class ImageRegistry {
  readonly requests: string[] = [];
  readonly blobs = new Map<string, Buffer>();
  /** "repository:tag" or "repository@digest" */
  readonly manifests = new Map<string, Stored>();
  private readonly uploads = new Map<string, Buffer>();
  private readonly server: Server;

  private constructor(private readonly authorization?: string) {
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = this.answer(request, Buffer.concat(chunks));
      const { status, headers = {}, body = "" } = answer;
      response.writeHead(status, headers).end(request.method === "HEAD" ? "" : body);
    });
  }

  static async start(authorization?: string): Promise<ImageRegistry> {
    const registry = new ImageRegistry(authorization);
    await new Promise<void>((resolve) => registry.server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** Host and port, as a reference names a registry. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Stores an image with one layer and returns its digest. */
  seed(repository: string, content: string): string {
    const put = (text: string) => {
      const digest = sha256(text);
      this.blobs.set(`${repository}@${digest}`, Buffer.from(text));
      return { digest, size: text.length };
    };
    const config = put(JSON.stringify({ os: "linux", architecture: "amd64", content }));
    const layers = [put(content)];
    return this.seedManifest(repository, { mediaType: oneImage, config, layers });
  }

  seedManifest(
    repository: string,
    manifest: { readonly mediaType: string } & Readonly<Record<string, unknown>>,
  ): string {
    const bytes = Buffer.from(JSON.stringify(manifest, undefined, 3));
    this.manifests.set(`${repository}@${sha256(bytes)}`, { bytes, type: manifest.mediaType });
    return sha256(bytes);
  }

  private answer(request: IncomingMessage, body: Buffer): Answer {
    const { method = "", url = "", headers } = request;
    this.requests.push(`${method} ${url}`);
    if (this.authorization !== undefined && headers.authorization !== this.authorization) return { status: 401 };
    const { pathname, searchParams } = new URL(url, this.url);
    const [, repository = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(pathname) ?? [];
    const separator = reference.startsWith("sha256:") ? "@" : ":";
    const key = `${repository}${separator}${reference}`;
    if (kind === "blobs/uploads") return this.upload(method, repository, reference, searchParams.get("digest"), body);
    if (kind === "blobs") return this.blobs.has(key) ? { status: 200, body: this.blobs.get(key) } : { status: 404 };
    if (method === "PUT") return this.putManifest(repository, key, headers["content-type"] ?? "", body);
    const found = this.manifests.get(key);
    if (!found) return { status: 404 };
    const described = { "content-type": found.type, "docker-content-digest": sha256(found.bytes) };
    return { status: 200, headers: described, body: found.bytes };
  }

  private upload(method: string, repository: string, id: string, digest: string | null, body: Buffer): Answer {
    const location = `/v2/${repository}/blobs/uploads/${id || `upload-${this.uploads.size}`}?state=1`;
    if (method === "POST") return { status: 202, headers: { location } };
    if (method === "PATCH") {
      this.uploads.set(id, body);
      return { status: 202, headers: { location } };
    }
    const sent = this.uploads.get(id) ?? Buffer.alloc(0);
    if (sha256(sent) !== digest) return { status: 400, body: "DIGEST_INVALID" };
    this.blobs.set(`${repository}@${digest}`, sent);
    return { status: 201 };
  }

  private putManifest(repository: string, key: string, type: string, bytes: Buffer): Answer {
    const digest = sha256(bytes);
    const manifest = JSON.parse(bytes.toString()) as Parts;
    const { config, layers = [], manifests = [] } = manifest;
    const lacks = (kept: ReadonlyMap<string, unknown>, parts: readonly { digest: string }[]) =>
      parts.some((part) => !kept.has(`${repository}@${part.digest}`));
    if (lacks(this.blobs, [...layers, ...(config ? [config] : [])])) return { status: 400, body: "BLOB_UNKNOWN" };
    if (lacks(this.manifests, manifests)) return { status: 400, body: "MANIFEST_UNKNOWN" };
    if (key.includes("@") && key !== `${repository}@${digest}`) return { status: 400, body: "DIGEST_INVALID" };
    if (!key.includes("@") && this.manifests.has(key)) return { status: 400, body: "TAG_INVALID" };
    this.manifests.set(key, { bytes, type });
    this.manifests.set(`${repository}@${digest}`, { bytes, type });
    return { status: 201, headers: { "docker-content-digest": digest } };
  }
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Parts {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

export const oneImage = "application/vnd.oci.image.manifest.v1+json";
export const imageIndex = "application/vnd.oci.image.index.v1+json";
