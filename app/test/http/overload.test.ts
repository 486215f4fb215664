import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { Admission } from "../../src/http/admission";
import { Uploads } from "../../src/http/uploads";
import { FakeModel, listen, sample, serverOf } from "../support/fake-model";
import { RawClient } from "../support/raw-client";

const head = (length: number, extra = "") =>
  `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: ${length}\r\n${extra}\r\n`;
const whole = `${head(3)}abc`;

describe("admission", () => {
  let app: FastifyInstance;
  let admission: Admission;
  let uploads: Uploads;
  let registry: Registry;
  let model: FakeModel;
  let port: number;
  let held: Promise<void>;
  let letGo: () => void;

  beforeEach(async () => {
    model = new FakeModel();
    held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    model.answer = () => held;
    ({ app, admission, uploads, registry } = serverOf(model, { maxInFlight: 2 }));
    port = await listen(app);
  });
  afterEach(async () => {
    letGo();
    const closed = app.close();
    app.server.closeAllConnections();
    await closed;
  });

  async function fill(): Promise<RawClient[]> {
    const clients = [new RawClient(port).send(whole), new RawClient(port).send(whole)];
    while (model.seen.length < 2) await new Promise(setImmediate);
    return clients;
  }

  /** A body has taken a place for half a second, and then has none until it has arrived. */
  async function nothingSoon(): Promise<void> {
    while (uploads.soon > 0) await sleep(20);
  }

  it("keeps the last places for bodies that began a moment ago", async () => {
    const begun = [new RawClient(port).send(head(3)), new RawClient(port).send(head(3))];
    while (uploads.size < 2) await new Promise(setImmediate);
    assert.match(await new RawClient(port).send(whole).until('"request_id"'), /^HTTP\/1\.1 503 .*"overloaded"/s);
    letGo();
    for (const client of begun) assert.match(await client.send("abc").until('"cat"'), /^HTTP\/1\.1 200 /);
  });

  it("gives a place to a body that has arrived, and none to bodies that trickle", async () => {
    const form = head(60_000).replace("image/jpeg", "multipart/form-data; boundary=b");
    const trickles: RawClient[] = [];
    for (let pair = 0; pair < 3; pair++) {
      trickles.push(new RawClient(port).send(`${form}preamble`), new RawClient(port).send(`${form}preamble`));
      while (uploads.size < trickles.length) await new Promise(setImmediate);
      await nothingSoon();
    }
    letGo();
    const other = await new RawClient(port).send(whole).until('"cat"');
    assert.match(other, /^HTTP\/1\.1 200 /);
    for (const { socket } of trickles) socket.destroy();
    while (uploads.size > 0) await new Promise(setImmediate);
  });

  it("refuses a body that came while others took the last places", async () => {
    const late = new RawClient(port).send(head(3));
    while (uploads.size < 1) await new Promise(setImmediate);
    await nothingSoon();
    await fill();
    assert.match(await late.send("abc").until('"request_id"'), /^HTTP\/1\.1 503 .*"overloaded"/s);
    assert.equal(model.seen.length, 2);
  });

  it("refuses what is beyond the limit before its body has arrived", async () => {
    await fill();
    const refused = new RawClient(port).send(head(60_000));
    const answer = await refused.until('"request_id"');
    assert.match(answer, /^HTTP\/1\.1 503 /);
    assert.match(answer, /\r\nretry-after: 1\r\n/i);
    assert.match(answer, /"code":"overloaded"/);
    assert.equal(model.seen.length, 2);
    refused.socket.destroy();
  });

  it("keeps the connection of a refused caller, for its next attempt", async () => {
    await fill();
    const caller = new RawClient(port).send(head(60_000));
    await caller.until('"request_id"');
    letGo();
    while (admission.inFlight > 0) await new Promise(setImmediate);
    assert.match(await caller.send(Buffer.alloc(60_000)).send(whole).until('"cat"'), /\r\n\r\n.*HTTP\/1\.1 200 /s);
  });

  it("closes the connection of an upload that it cuts off to make room", async () => {
    let seconds = 0;
    await app.close();
    uploads = new Uploads({ bodies: 1, bytes: 1024 * 1024 }, () => seconds);
    ({ app } = serverOf(model, { uploads }));
    port = await listen(app);
    // Ahead of the least pace.
    const upload = new RawClient(port).send(head(60_000)).send(Buffer.alloc(50_000));
    while (uploads.size < 1) await new Promise(setImmediate);
    seconds = 5.5;
    letGo();
    assert.match(await new RawClient(port).send(whole).until('"cat"'), /^HTTP\/1\.1 200 /);
    assert.match(await upload.until('"request_id"'), /^HTTP\/1\.1 503 .*\r\nconnection: close\r\n.*"overloaded"/is);
    await upload.closed();
  });

  it("answers what an earlier request of the connection waits for, though it gives up the rest of a later one", async () => {
    const [first] = await fill();
    first?.send(head(60_000));
    await sleep(1200);
    assert.equal(first?.socket.destroyed, false);
    letGo();
    await first?.closed();
    assert.match(first?.received ?? "", /^HTTP\/1\.1 200 .*HTTP\/1\.1 503 .*"overloaded"/s);
  });

  it("closes the connection when the rest of a refused body does not come within a second", async () => {
    await fill();
    const caller = new RawClient(port).send(head(60_000));
    await caller.closed();
    assert.match(caller.received, /^HTTP\/1\.1 503 .*"overloaded"/s);
  });

  it("cuts off no upload in favour of a request that it refuses, and records when that request arrived", async () => {
    let seconds = 0;
    await app.close();
    uploads = new Uploads({ bodies: 3, bytes: 1024 * 1024 }, () => seconds);
    ({ app } = serverOf(model, { maxInFlight: 2, uploads }));
    port = await listen(app);
    // Ahead of the least pace, so that nothing but a lack of room could cut it off.
    const upload = new RawClient(port).send(head(60_000)).send(Buffer.alloc(50_000));
    while (uploads.size < 1) await new Promise(setImmediate);
    seconds = 1;
    await fill();
    seconds = 5.5;
    const refused = await new RawClient(port).send(head(60_000)).until('"request_id"');
    assert.match(refused, /^HTTP\/1\.1 503 .*"overloaded"/s);
    assert.equal(uploads.lastArrivalAt, 5.5);
    letGo();
    assert.match(await upload.send(Buffer.alloc(10_000)).until("\r\n\r\n"), /^HTTP\/1\.1 200 /);
  });

  it("reads what a refused sender still sends, so that the answer is not lost in a reset", async () => {
    await fill();
    const body = Buffer.alloc(512 * 1024);
    const refused = new RawClient(port).send(head(body.length));
    await refused.until('"request_id"');
    let broken: Error | undefined;
    refused.socket.once("error", (error) => {
      broken = error;
    });
    // A sender is slower than an answer: were the connection closed by now, the rest would meet a reset.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(refused.socket.readableEnded, false);
    letGo();
    await refused.send(body).send(whole).until('"cat"');
    assert.equal(broken, undefined);
    refused.socket.destroy();
  });

  it("reads no more than a bounded part of a refused body", async () => {
    await fill();
    const endless = new RawClient(port).send(head(1e12));
    const chunk = Buffer.alloc(64 * 1024);
    const timer = setInterval(() => endless.send(chunk), 1);
    await endless.closed();
    clearInterval(timer);
    assert.match(endless.received, /^HTTP\/1\.1 503 /);
  });

  it("admits again when one under way is answered", async () => {
    const clients = await fill();
    letGo();
    for (const client of clients) await client.until('"cat"');
    while (admission.inFlight > 0) await new Promise(setImmediate);
    assert.match(await new RawClient(port).send(whole).until('"cat"'), /^HTTP\/1\.1 200 /);
  });

  it("frees the place of a caller that hangs up once the work left behind has ended", async () => {
    const signals: AbortSignal[] = [];
    model.answer = (_picture, abandoned) => {
      signals.push(abandoned);
      return held;
    };
    const [first] = await fill();
    first?.socket.destroy();
    while ((await sample(registry, 'inference_requests_total{outcome="gone"}')) !== 1) await new Promise(setImmediate);
    assert.equal(admission.inFlight, 2, "the abandoned prediction still runs");
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    letGo();
    while (admission.inFlight > 0) await new Promise(setImmediate);
  });

  it("lets in fewer where they would wait longer than 0.75 s, and never fewer than a quarter", () => {
    const roomAt = (secondsEach: number) => {
      const slow = new Admission(16, () => 0);
      for (let batch = 0; batch < 50; batch++) slow.pace(secondsEach);
      while (slow.refusal() === undefined) void slow.run(() => held);
      return slow.inFlight;
    };
    assert.deepEqual([0.01, 0.1, 5].map(roomAt), [16, 7, 4]);
  });

  it("keeps answering /health while predictions are refused", async () => {
    await fill();
    const prober = new RawClient(port).send("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert.match(await prober.until("healthy"), /^HTTP\/1\.1 200 /);
  });

  it("counts those under way, those refused and those answered", async () => {
    const clients = await fill();
    assert.equal(await sample(registry, "inference_in_flight"), 2);
    await new RawClient(port).send(whole).until('"overloaded"');
    letGo();
    for (const client of clients) await client.until('"cat"');
    while (admission.inFlight > 0) await new Promise(setImmediate);
    assert.equal(await sample(registry, 'inference_requests_total{outcome="overloaded"}'), 1);
    assert.equal(await sample(registry, 'inference_requests_total{outcome="ok"}'), 2);
    assert.equal(await sample(registry, "inference_latency_seconds_count"), 2);
  });

  it("answers Expect: 100-continue only when the request is admitted", async () => {
    const asking = new RawClient(port).send(head(3, "expect: 100-continue\r\n"));
    await asking.until("HTTP/1.1 100 Continue");
    asking.socket.destroy();
    while (uploads.size > 0) await new Promise(setImmediate);
    await fill();
    const refused = new RawClient(port).send(head(3, "expect: 100-continue\r\n"));
    assert.match(await refused.until('"request_id"'), /^HTTP\/1\.1 503 /);
    assert.ok(!refused.received.includes("100 Continue"));
    // The body will not come, so what came next would be taken for it.
    assert.match(refused.received, /\r\nconnection: close\r\n/i);
    await refused.closed();
  });

  it("cuts off a body that trickles, raw or in a form, with 408", async () => {
    const multipart = head(3000).replace("image/jpeg", "multipart/form-data; boundary=b");
    const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n';
    const trickles = [new RawClient(port).send(head(3000)), new RawClient(port).send(multipart + part)];
    const timer = setInterval(() => trickles.forEach((client) => void client.send("x")), 100);
    const answers = await Promise.all(trickles.map((client) => client.until('"code"')));
    clearInterval(timer);
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 /);
    while (uploads.size > 0) await new Promise(setImmediate);
  });

  it("keeps a connection open for 15 s longer than the load balancer does", () => {
    assert.equal(app.server.keepAliveTimeout, 75_000);
    assert.equal(serverOf(new FakeModel(), { idleSeconds: 300 }).app.server.keepAliveTimeout, 315_000);
  });
});
