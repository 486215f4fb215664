import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Path -> what a registry has there. */
export type Kept = Readonly<Record<string, unknown>>;

export interface LocalRegistry {
  /** Host and port, as a reference names a registry. */
  readonly host: string;
  readonly url: string;
  /** Path and authorization of each request, in order. */
  readonly asked: string[];
}

interface Gate {
  /** Only who has this may read. */
  readonly authorization?: string;
  /** What anybody is given who asks for it. */
  readonly token?: string;
}

/** A registry on this machine that answers as the distribution specification says, until the test is over. */
export async function withRegistry<T>(
  kept: Kept,
  { authorization, token }: Gate,
  test: (registry: LocalRegistry) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  const wanted = token ? `Bearer ${token}` : authorization;
  const answer = ({ url = "", headers }: IncomingMessage, host: string) => {
    const given = headers.authorization;
    asked.push(`${url} ${given ?? "nobody"}`);
    if (token && url.startsWith("/token")) return { status: 200, body: { token } };
    if (wanted && given !== wanted) {
      const challenge = token ? `Bearer realm="http://${host}/token",service="here",scope="pull"` : "Basic";
      return { status: 401, body: {}, challenge };
    }
    return url in kept ? { status: 200, body: kept[url] } : { status: 404, body: {} };
  };
  const server = createServer((request, response) => {
    const { status, body, challenge } = answer(request, request.headers.host ?? "");
    response.writeHead(status, challenge ? { "www-authenticate": challenge } : {}).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await test({ host, url: `http://${host}`, asked });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

export const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;

/** What a registry keeps of one image, for one architecture or, as a list, for several. */
export function keptImage(repository: string, digest: string, ...architectures: readonly string[]): Kept {
  const manifest = `/v2/${repository}/manifests/${digest}`;
  const platforms = architectures.map((architecture) => ({ os: "linux", architecture }));
  if (platforms.length > 1) {
    const provenance = { os: "unknown", architecture: "unknown" };
    return { [manifest]: { manifests: [...platforms, provenance].map((platform) => ({ platform })) } };
  }
  const config = digestOf("c");
  return { [manifest]: { config: { digest: config } }, [`/v2/${repository}/blobs/${config}`]: platforms[0] };
}
