import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { FakeModel, listen, serverOf } from "./support/fake-model";

describe("An answer to a body that is not read", () => {
  it("reaches who sends all of it, fast, before looking for an answer", async () => {
    const { app } = serverOf(new FakeModel());
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
      await app.close();
    }
  });
});
