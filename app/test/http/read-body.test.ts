import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { FastifyRequest } from "fastify";
import { readBody } from "../../src/http/read-body";

const limit = 300_000;

/** What becomes of a body that arrives in these chunks, with or without a declared length. */
function read(chunks: (Buffer | Error)[], declared?: number): Promise<Buffer> {
  const headers = declared === undefined ? {} : { "content-length": String(declared) };
  const request = { headers, routeOptions: { bodyLimit: limit } } as unknown as FastifyRequest;
  const payload = new PassThrough();
  return new Promise((resolve, reject) => {
    readBody(request, payload as never, (error, body) => (body ? resolve(body) : reject(error)));
    for (const chunk of chunks) {
      if (Buffer.isBuffer(chunk)) payload.write(chunk);
      else payload.destroy(chunk);
    }
    payload.end();
  });
}

describe("readBody", () => {
  const chunks = Array.from({ length: 9 }, (_, index) => Buffer.alloc(30_000, index));

  it("joins the chunks, with and without a declared length", async () => {
    const whole = Buffer.concat(chunks);
    assert.deepEqual(await read(chunks, whole.length), whole);
    assert.deepEqual(await read(chunks), whole);
    assert.equal((await read([], 0)).length, 0);
  });

  it("keeps one buffer of the declared length and no more", async () => {
    const body = await read(chunks, 270_000);
    assert.equal(body.buffer.byteLength, 270_000);
  });

  it("refuses a body beyond the limit, by its declared length or by what arrives", async () => {
    await assert.rejects(read(chunks, limit + 1), { statusCode: 413 });
    await assert.rejects(read([...chunks, ...chunks]), { statusCode: 413 });
  });

  it("answers a broken connection with 400", async () => {
    await assert.rejects(read([chunks[0] as Buffer, new Error("aborted")], 270_000), { statusCode: 400 });
  });
});
