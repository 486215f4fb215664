import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

export interface ClusterServer {
  readonly url: string;
  close(): void;
}

/** The API server of a cluster on this machine. */
export async function startCluster(answer: (request: IncomingMessage, body: string) => Answer): Promise<ClusterServer> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { status = 200, body } = answer(request, text);
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const kubeconfigOf = (server: string, user: object = { token: "secret" }): string =>
  JSON.stringify({
    "current-context": "here",
    clusters: [{ name: "c", cluster: { server } }],
    contexts: [
      { name: "elsewhere", context: { cluster: "none", user: "none" } },
      { name: "here", context: { cluster: "c", user: "u" } },
    ],
    users: [{ name: "u", user }],
  });
