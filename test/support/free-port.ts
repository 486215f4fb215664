import { type AddressInfo, createServer, type Server } from "node:net";

/** A port of 127.0.0.1 that nobody listens on; with `count`, the ones after it are free as well. */
export async function freePort(count = 1): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const first = await listen(0);
    if (!first) continue;
    const { port } = first.address() as AddressInfo;
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => listen(port + 1 + index)));
    await Promise.all([first, ...others].map((server) => server && close(server)));
    if (others.every((server) => server !== undefined)) return port;
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
