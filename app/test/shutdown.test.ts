import assert from "node:assert/strict";
import { classify, photo } from "./support/classify";
import { RawClient } from "./support/raw-client";
import { ServerProcess } from "./support/server-process";

describe("the end of the server", () => {
  let server: ServerProcess;
  afterEach(() => server.stop());

  it("exits with 0 on a SIGTERM that comes while the model loads: the runtime would abort a process that just ends", async () => {
    for (let round = 0; round < 3; round++) {
      server = ServerProcess.run();
      await server.url();
      server.signal("SIGTERM");
      assert.equal(await server.exitCode(), 0, server.stderr);
    }
  });

  it("finishes what is under way after SIGTERM, refuses what is new, and exits with 0", async () => {
    server = await ServerProcess.ready();
    const port = await server.port();
    const cat = photo("chelsea.png");
    const head = `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: ${cat.length}\r\n\r\n`;
    const late = new RawClient(port).send(head).send(cat.subarray(0, 1000));
    const idle = new RawClient(port).send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    await idle.until("healthy");
    while (!(await (await fetch(`${await server.url()}/metrics`)).text()).includes("inference_requests_in_flight 1"));
    server.signal("SIGTERM");
    await server.line(({ msg }) => msg === "shutting down");
    assert.equal((await fetch(`${await server.url()}/ready`)).status, 503);
    assert.deepEqual((await classify(`${await server.url()}/predict`, cat)).answer.code, "draining");
    late.send(cat.subarray(1000));
    await late.until("Egyptian cat");
    assert.match(late.received, /^HTTP\/1\.1 200 /);
    assert.match(late.received, /connection: close/i);
    assert.equal(await server.exitCode(), 0);
  });

  it("goes on answering for LINGER_SECONDS while /ready already answers 503", async () => {
    server = await ServerProcess.ready({ LINGER_SECONDS: "3", DRAIN_SECONDS: "60" });
    const url = await server.url();
    server.signal("SIGTERM");
    await server.line(({ msg }) => msg === "shutting down");
    const started = performance.now();
    assert.equal((await fetch(`${url}/ready`)).status, 503);
    assert.equal((await classify(`${url}/predict`, photo("chelsea.png"))).status, 200);
    assert.equal(await server.exitCode(), 0);
    // The request was an arrival, and 5 s without one end the wait.
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 4.5 && seconds < 20, `${seconds} s`);
  });

  it("exits with 0 when the drain time is over, though a caller never finishes", async () => {
    server = await ServerProcess.ready({ DRAIN_SECONDS: "1" });
    const stuck = new RawClient(await server.port());
    stuck.send("POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 1000\r\n\r\n");
    while (!(await (await fetch(`${await server.url()}/metrics`)).text()).includes("inference_requests_in_flight 1"));
    server.signal("SIGTERM");
    assert.equal(await server.exitCode(), 0);
    assert.ok(server.lines.some(({ msg }) => msg === "DRAIN_SECONDS (1) are over: exiting with requests under way"));
  });
});
