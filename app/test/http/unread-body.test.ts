import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { FakeModel, listen, sample, serverOf } from "../support/fake-model";

describe("An answer to a body that is not read", () => {
  let app: FastifyInstance;
  let registry: Registry;
  beforeEach(() => {
    ({ app, registry } = serverOf(new FakeModel()));
  });
  afterEach(() => app.close());

  it("reaches a fast sender that sends the whole body before it reads the answer", async () => {
    const socket = connect(await listen(app), "127.0.0.1");
    try {
      await once(socket, "connect");
      socket.pause();
      const body = Buffer.alloc(11 * 1024 * 1024);
      const head = `POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/jpeg\r\ncontent-length: ${body.length}\r\n\r\n`;
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.write(head);
        socket.write(body, () => resolve());
      });
      const answered = Promise.race([once(socket, "data"), once(socket, "close")]);
      socket.resume();
      const [answer] = await answered;
      assert.match(String(answer), /^HTTP\/1\.1 413 /);
    } finally {
      socket.destroy();
    }
  });

  it("counts as the caller's error although the caller then hangs up", async () => {
    const socket = connect(await listen(app), "127.0.0.1");
    socket.write("POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/jpeg\r\ncontent-length: 100000\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
    const counted = (outcome: string) => sample(registry, `inference_requests_total{outcome="${outcome}"}`);
    const both = () => Promise.all([counted("client_error"), counted("gone")]);
    for (const end = Date.now() + 10_000; Date.now() < end && (await both()).join() === "0,0"; ) await sleep(10);
    assert.deepEqual(await both(), [1, 0]);
  });
});
