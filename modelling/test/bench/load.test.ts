import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { closedLoop, openLoop, pictureForm } from "../../bench/load";
import { answersPerSecond } from "../../bench/raw-rate";

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

describe("the benchmark's clients", () => {
  let server: http.Server;
  async function listen(handler: Handler): Promise<number> {
    server = http.createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it("keep sending in an open loop without any answer", async () => {
    const held: http.ServerResponse[] = [];
    const port = await listen((_request, response) => {
      held.push(response);
      // A client that waits for an answer before its next request would wait forever.
      if (held.length === 20) for (const each of held) each.end();
    });
    const answers = await openLoop({ port, path: "/" }, 20, 1_000);
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(20).fill(200),
    );
    const [first, last] = [answers[0]?.latencyMs ?? 0, answers.at(-1)?.latencyMs ?? 0];
    assert.ok(first > last, "the first was due earliest and waited longest");
  });

  it("never exceed their number in a closed loop, and count only answers in time", async () => {
    let [underWay, most, ended] = [0, 0, 0];
    const port = await listen((request, response) => {
      most = Math.max(most, ++underWay);
      request.resume().on("end", () =>
        setTimeout(() => {
          underWay--;
          ended++;
          response.end();
        }, 20),
      );
    });
    const { inTime, all } = await closedLoop({ port, path: "/", body: pictureForm(Buffer.from("x")) }, 3, 1_000);
    assert.ok(most > 1 && most <= 3, `${most} were under way at once`);
    assert.ok(inTime.length > 0 && inTime.length <= all.length);
    assert.equal(all.length, ended);
  });

  it("wait for the Retry-After of a refusal", async () => {
    let asked = 0;
    const port = await listen((_request, response) => {
      asked++;
      response.writeHead(503, { "retry-after": "1" }).end();
    });
    await closedLoop({ port, path: "/" }, 3, 500);
    assert.equal(asked, 3);
  });

  it("report a lost connection as status 0", async () => {
    const port = await listen((request) => request.socket.destroy());
    const answers = await openLoop({ port, path: "/" }, 50, 60);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [0, 0, 0],
    );
  });

  it("count plain answers, also from a server that closes after each", async () => {
    let served = 0;
    const port = await listen((_request, response) => {
      served++;
      response.setHeader("connection", "close");
      response.end("ok");
    });
    const rate = await answersPerSecond(port, "/", 2, 1_000);
    assert.ok(rate > 0 && Math.round(rate) <= served, `${rate} /s of ${served} served`);
  });
});
