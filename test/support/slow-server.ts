import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Answers one request after the other, each after `workMs`. */
export async function slowServer(workMs: number): Promise<{ url: URL; server: Server }> {
  let waiting = Promise.resolve();
  const server = createServer((request, response) => {
    request.resume();
    waiting = waiting.then(() => sleep(workMs)).then(() => void response.end("answer"));
  });
  // Otherwise the server closes an idle connection when a stalled client uses it again.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), server };
}
