import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EmulatorProxy } from "./support/proxy";

describe("What stands before the emulator", () => {
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

  const ask = async (id?: string) => {
    const headers: Record<string, string> = id ? { "amz-sdk-invocation-id": id } : {};
    return (await fetch(proxy.url, { method: "POST", headers, body: "CreateRole" })).text();
  };

  it("does once what is asked again under the same id, and tells the same", async () => {
    assert.deepEqual(
      [await ask("a"), await ask("a"), await ask("b")],
      ["done 1 times", "done 1 times", "done 2 times"],
    );
  });

  it("does once what is asked again while it is being done", async () => {
    assert.deepEqual(await Promise.all([ask("a"), ask("a")]), ["done 1 times", "done 1 times"]);
  });

  it("asks again for what was refused, and for what has no id", async () => {
    assert.deepEqual([await ask(), await ask()], ["done 1 times", "done 2 times"]);
    status = 400;
    assert.deepEqual([await ask("a"), await ask("a")], ["done 3 times", "done 4 times"]);
  });
});
