import assert from "node:assert/strict";
import { PassThrough, type Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { garbage } from "../../src/garbage";
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

/** Of all bodies that this process reads or discards. */
async function mostBytesOfATurn(work: () => Promise<void>): Promise<number> {
  let ofTurn = 0;
  let most = 0;
  const brief = garbage.brief;
  garbage.brief = (bytes) => {
    if (ofTurn === 0) {
      setImmediate(() => {
        ofTurn = 0;
      });
    }
    ofTurn += bytes;
    most = Math.max(most, ofTurn);
  };
  try {
    await work();
  } finally {
    garbage.brief = brief;
  }
  return most;
}

describe("Bodies that arrive together", () => {
  let app: FastifyInstance;
  afterEach(async () => {
    const closed = app.close();
    app.server.closeAllConnections();
    await closed;
  });

  for (const { what, isReady, status } of [
    { what: "are read", isReady: true, status: 200 },
    { what: "and are refused are discarded", isReady: false, status: 503 },
  ]) {
    it(`${what} in turns, so that a new connection does not wait for all of them`, async () => {
      const uploads = new Uploads({ bodies: 100, bytes: 200 * kib * kib });
      const model = new FakeModel();
      model.ready = isReady;
      ({ app } = serverOf(model, { uploads, maxInFlight: 100, bodyLimitBytes: 5 * kib * kib }));
      const port = await listen(app);
      const body = Buffer.alloc(4 * kib * kib);
      const head = `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: ${body.length}\r\n\r\n`;
      const most = await mostBytesOfATurn(async () => {
        const callers = Array.from({ length: 32 }, () => new RawClient(port).send(head).send(body));
        for (const caller of callers) {
          assert.match(await caller.until("\r\n\r\n"), new RegExp(`^HTTP/1.1 ${status} `));
          if (!isReady) await caller.closed();
        }
      });
      // A turn as counted here may hold two of the server's: 512 KiB each, and of eight bodies the chunk that was on its way.
      const limit = 2 * 1024 * kib;
      assert.ok(most <= limit, `${most} bytes in one turn; expected at most ${limit}`);
    });
  }
});
