import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { type Sender, sender } from "../../../../tools/load/requests";
import { freePort } from "../../../support/free-port";

describe("a request of the load", () => {
  let server: Server;
  let requests: Sender;
  before(async () => {
    requests = sender();
    server = createServer((request, response) => {
      if (request.url === "/cut")
        response.writeHead(200, { "content-length": 9 }).write("half", () => response.destroy());
      else request.socket.destroy();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(async () => {
    await requests.close();
    server.close();
  });
  const ask = (port: number, path: string) =>
    requests.send({ url: new URL(`http://127.0.0.1:${port}${path}`) }, performance.now());

  it("without an answer has the cause: nobody listens, or the connection ends before or within the answer", async () => {
    const { port } = server.address() as AddressInfo;
    const answers = [await ask(await freePort(), "/"), await ask(port, "/ended"), await ask(port, "/cut")];
    assert.deepEqual(
      answers.map(({ status, cause }) => [status, cause]),
      [
        [0, "ECONNREFUSED"],
        [0, "UND_ERR_SOCKET"],
        [0, "UND_ERR_SOCKET"],
      ],
    );
  });
});
