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

describe("EmulatorProxy actions", () => {
  let emulator: Server;
  let proxy: EmulatorProxy;
  const received: string[] = [];

  before(async () => {
    emulator = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        received.push(body);
        const refused = body.includes("Refuse") ? 400 : 200;
        response.writeHead(refused).end(body.startsWith("{") ? '{"passed":true}' : "<Passed/>");
      });
    }).listen(0, "127.0.0.1");
    await once(emulator, "listening");
    type Form = Record<string, string>;
    proxy = await EmulatorProxy.open(`http://127.0.0.1:${(emulator.address() as AddressInfo).port}`, {
      Own: async (form: Form) => `<Own>${form["Names.member.1"]}</Own>`,
      Changed: async (form: Form, passOn) =>
        `<Changed>${await passOn({ ...form, Action: "Other", Name: "a b" })}</Changed>`,
      Refuse: async (_: Form, passOn) => `<Changed>${await passOn()}</Changed>`,
      Json: async (request: { name: string }, passOn) => ({ ...((await passOn()) as object), name: request.name }),
    });
  });
  after(() => {
    proxy.stop();
    emulator.close();
    emulator.closeAllConnections();
  });

  const query = async (body: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const answer = await fetch(proxy.url, { method: "POST", headers, body });
    return [answer.status, answer.headers.get("content-type"), await answer.text()];
  };

  it("answer the query protocol with XML, from the parameters of the form", async () => {
    assert.deepEqual(await query("Action=Own&Names.member.1=a%20b"), [200, "text/xml", "<Own>a b</Own>"]);
    assert.deepEqual(await query("Action=Changed&Version=1"), [200, "text/xml", "<Changed><Passed/></Changed>"]);
    assert.equal(received.at(-1), "Action=Other&Version=1&Name=a+b");
    assert.deepEqual((await query("Action=Unknown")).slice(2), ["<Passed/>"]);
    assert.deepEqual(await query("Action=Refuse"), [400, null, "<Passed/>"]);
  });

  it("answer JSON protocols with JSON", async () => {
    const headers = { "x-amz-target": "Service.Json", "content-type": "application/x-amz-json-1.1" };
    const answer = await fetch(proxy.url, { method: "POST", headers, body: '{"name":"a"}' });
    assert.deepEqual(await answer.json(), { passed: true, name: "a" });
  });
});
