import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EmulatorProxy } from "./support/proxy";

describe("EmulatorProxy", () => {
  let emulator: Server;
  let proxy: EmulatorProxy;
  let done: number;
  let status: number;

  beforeEach(async () => {
    [done, status] = [0, 200];
    emulator = createServer((request, response) => {
      done += 1;
      request.resume().on("end", () => response.writeHead(status).end(`done ${done} times`));
    }).listen(0, "127.0.0.1");
    await once(emulator, "listening");
    proxy = await EmulatorProxy.open(`http://127.0.0.1:${(emulator.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    proxy.stop();
    emulator.close();
    emulator.closeAllConnections();
  });

  const send = async (id?: string) => {
    const headers: Record<string, string> = id ? { "amz-sdk-invocation-id": id } : {};
    return (await fetch(proxy.url, { method: "POST", headers, body: "CreateRole" })).text();
  };

  it("answers a retry with the same invocation id from the first call, which runs once", async () => {
    assert.deepEqual(
      [await send("a"), await send("a"), await send("b")],
      ["done 1 times", "done 1 times", "done 2 times"],
    );
  });

  it("runs a call once when the retry arrives before its answer", async () => {
    assert.deepEqual(await Promise.all([send("a"), send("a")]), ["done 1 times", "done 1 times"]);
  });

  it("passes on a retry of a refused call, and every call without an id", async () => {
    assert.deepEqual([await send(), await send()], ["done 1 times", "done 2 times"]);
    status = 400;
    assert.deepEqual([await send("a"), await send("a")], ["done 3 times", "done 4 times"]);
  });
});
