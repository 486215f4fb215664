import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

describe("the image's own health check", () => {
  async function exitCodeFor(answer: RequestListener): Promise<number> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const file = path.join(__dirname, "..", "dist", "health-check.js");
    const [code] = await once(spawn(process.execPath, [file], { env: { PORT: `${port}` } }), "exit");
    server.closeAllConnections();
    server.close();
    return code;
  }

  it("passes a server that answers /health with 200, and no other path or status", async () => {
    const healthy: RequestListener = ({ url }, response) => response.writeHead(url === "/health" ? 200 : 404).end();
    assert.equal(await exitCodeFor(healthy), 0);
    assert.equal(await exitCodeFor((_request, response) => response.writeHead(503).end()), 1);
  });

  it("fails a server that takes connections and never answers", async () => {
    assert.equal(await exitCodeFor(() => undefined), 1);
  });
});
