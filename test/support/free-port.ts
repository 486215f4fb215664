import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Below the ephemeral ports that the system assigns, so that the port stays free until it is used. */
const [lowest, highest] = [11_000, 32_000];

/** A free port of 127.0.0.1; with `count`, the ones after it are free as well. */
export async function freePort(count = 1): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = randomInt(lowest, highest - count);
    const servers = await Promise.all(Array.from({ length: count }, (_, index) => listen(port + index)));
    await Promise.all(servers.map((server) => server && close(server)));
    if (servers.every((server) => server !== undefined)) return port;
  }
  throw new Error(`found no ${count} free ports in a row on 127.0.0.1 in 20 attempts`);
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

const close = (server: Server) => new Promise((resolve) => server.close(resolve));
