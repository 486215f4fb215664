import assert from "node:assert/strict";
import { PassThrough, type Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { ReadingTurns } from "../../src/http/reading-turns";
import { Uploads } from "../../src/http/uploads";
import { FakeModel, listen, serverOf } from "../support/fake-model";
import { RawClient } from "../support/raw-client";

const kib = 1024;

describe("ReadingTurns", () => {
  let turn: () => void;
  let turns: ReadingTurns;
  beforeEach(() => {
    turn = () => assert.fail("no turn was asked for");
    turns = new ReadingTurns((next) => {
      turn = next;
    });
  });
  const enter = () => {
    const stream: Readable = new PassThrough().resume();
    return { stream, read: turns.enter(stream) };
  };

  it("lets a body read on while the turn has bytes left, and then only in the next", () => {
    const { stream, read } = enter();
    for (let chunk = 0; chunk < 7; chunk++) read(64 * kib);
    assert.equal(stream.isPaused(), false);
    read(64 * kib);
    assert.equal(stream.isPaused(), true);
    turn();
    assert.equal(stream.isPaused(), false);
  });

  it("lets the bodies read first that came first, whichever had to wait first", () => {
    const readers = Array.from({ length: 10 }, enter);
    for (const { read } of [...readers].reverse()) read(512 * kib);
    assert.ok(readers.every(({ stream }) => stream.isPaused()));
    turn();
    assert.deepEqual(
      readers.map(({ stream }) => stream.isPaused()),
      [...Array(8).fill(false), true, true],
    );
    turn();
    assert.ok(readers.every(({ stream }) => !stream.isPaused()));
  });
});

describe("Bodies that arrive together", () => {
  let app: FastifyInstance;
  afterEach(async () => {
    const closed = app.close();
    app.server.closeAllConnections();
    await closed;
  });

  it("are read in turns, so that a new connection does not wait for all of them", async () => {
    const uploads = new Uploads({ bodies: 100, bytes: 200 * kib * kib });
    let bytesOfTurn = 0;
    let most = 0;
    const received = uploads.received.bind(uploads);
    uploads.received = (upload, bytes) => {
      if (bytesOfTurn === 0) setImmediate(() => (bytesOfTurn = 0));
      bytesOfTurn += bytes;
      most = Math.max(most, bytesOfTurn);
      received(upload, bytes);
    };
    ({ app } = serverOf(new FakeModel(), { uploads, maxInFlight: 100, bodyLimitBytes: 5 * kib * kib }));
    const port = await listen(app);
    const body = Buffer.alloc(4 * kib * kib);
    const callers = Array.from({ length: 16 }, () =>
      new RawClient(port)
        .send(`POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: ${body.length}\r\n\r\n`)
        .send(body),
    );
    for (const caller of callers) assert.match(await caller.until('"cat"'), /^HTTP\/1\.1 200 /);
    // Each may bring one chunk more before it is paused.
    const limit = (512 + callers.length * 64) * kib;
    assert.ok(most <= limit, `${most} bytes in one turn; expected at most ${limit}`);
  });
});
