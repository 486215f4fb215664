import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Path -> content of a registry. */
export type RegistryContent = Readonly<Record<string, unknown>>;

export interface LocalRegistry {
  /** Host and port, as a reference names a registry. */
  readonly host: string;
  readonly url: string;
  /** Path and authorization of each request, in order. */
  readonly requests: string[];
}

interface RegistryAccess {
  /** The Authorization header that reads need; with a token, the one that requests for it need. */
  readonly authorization?: string;
  /** The token that reads need. */
  readonly token?: string;
}

/** Runs a test with a registry on this machine that implements reads of the OCI distribution specification. */
export async function withRegistry<T>(
  content: RegistryContent,
  { authorization, token }: RegistryAccess,
  test: (registry: LocalRegistry) => Promise<T>,
): Promise<T> {
  const requests: string[] = [];
  const expected = token ? `Bearer ${token}` : authorization;
  const answer = ({ url = "", headers }: IncomingMessage, host: string) => {
    const given = headers.authorization;
    requests.push(`${url} ${given ?? "nobody"}`);
    if (token && url.startsWith("/token"))
      return authorization && given !== authorization ? { status: 401, body: {} } : { status: 200, body: { token } };
    if (expected && given !== expected) {
      const challenge = token ? `Bearer realm="http://${host}/token",service="here",scope="pull"` : "Basic";
      return { status: 401, body: {}, challenge };
    }
    return url in content ? { status: 200, body: content[url] } : { status: 404, body: {} };
  };
  const server = createServer((request, response) => {
    const { status, body, challenge } = answer(request, request.headers.host ?? "");
    response.writeHead(status, challenge ? { "www-authenticate": challenge } : {}).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await test({ host, url: `http://${host}`, requests });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

export const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;

/** Registry content of one image: a manifest for one architecture, an index for several. */
export function imageContent(repository: string, digest: string, ...architectures: readonly string[]): RegistryContent {
  const manifest = `/v2/${repository}/manifests/${digest}`;
  const platforms = architectures.map((architecture) => ({ os: "linux", architecture }));
  if (platforms.length > 1) {
    const provenance = { os: "unknown", architecture: "unknown" };
    return { [manifest]: { manifests: [...platforms, provenance].map((platform) => ({ platform })) } };
  }
  const config = digestOf("c");
  return { [manifest]: { config: { digest: config } }, [`/v2/${repository}/blobs/${config}`]: platforms[0] };
}
