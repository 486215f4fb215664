import assert from "node:assert/strict";
import type { RequestError } from "../../src/errors";
import { type Upload, Uploads } from "../../src/http/uploads";

const kib = 1024;

describe("Uploads", () => {
  let seconds: number;
  let uploads: Uploads;
  let cut: Map<string, RequestError>;
  beforeEach(() => {
    seconds = 0;
    cut = new Map();
    uploads = new Uploads({ bodies: 8, bytes: 1024 * kib }, () => seconds);
  });
  afterEach(() => {
    for (const upload of begun.splice(0)) uploads.leave(upload);
  });

  const begun: Upload[] = [];
  function begin(name: string, address = name, bytes = 0): Upload {
    const upload = uploads.begin(address, (error) => void cut.set(name, error));
    begun.push(upload);
    uploads.received(upload, bytes);
    return upload;
  }
  /** Each sends `bytesPerSecond`, for a time. */
  function pass(duration: number, bytesPerSecond = 0): void {
    for (let second = 0; second < duration; second++) {
      seconds++;
      for (const upload of begun) uploads.received(upload, bytesPerSecond);
      uploads.check();
    }
  }
  const codes = () => [...cut].map(([name, { statusCode, code }]) => `${name}: ${statusCode} ${code}`);

  it("counts the bodies that began within half a second and have not arrived", () => {
    begin("first");
    seconds += 0.4;
    uploads.arrived(begin("arrived"));
    begin("second");
    assert.equal(uploads.soon, 2);
    seconds += 0.2;
    assert.equal(uploads.soon, 1);
    seconds += 0.4;
    assert.equal(uploads.soon, 0);
  });

  it("cuts off a body that falls behind 16 KiB/s after its first 5 s", () => {
    begin("stalled");
    begin("ahead", "ahead", 100 * kib);
    pass(5);
    assert.deepEqual(codes(), []);
    pass(1);
    assert.deepEqual(codes(), ["stalled: 408 too_slow"]);
    pass(6);
    assert.deepEqual(codes(), ["stalled: 408 too_slow", "ahead: 408 too_slow"]);
  });

  it("cuts off a body that keeps the pace and has not arrived after 30 s", () => {
    begin("steady");
    pass(30, 20 * kib);
    assert.deepEqual(codes(), []);
    pass(1, 20 * kib);
    assert.deepEqual(codes(), ["steady: 408 too_slow"]);
    assert.match(cut.get("steady")?.message ?? "", /had not arrived after 30 s/);
  });

  it("lets four bodies of one address be slow, and any number be quick", () => {
    for (let index = 0; index < 6; index++) begin(`one ${index}`, "203.0.113.1");
    begin("other", "203.0.113.2");
    pass(5, 17 * kib);
    assert.deepEqual(codes(), []);
    pass(1, 17 * kib);
    assert.deepEqual(codes(), ["one 4: 408 too_slow", "one 5: 408 too_slow"]);
    assert.match(cut.get("one 4")?.message ?? "", /more than 4 bodies/);
  });

  it("lets a body that has arrived wait for its answer as long as it takes", () => {
    uploads.arrived(begin("there", "there", 10));
    pass(60);
    assert.deepEqual(codes(), []);
  });

  it("refuses a request beyond the limit, or cuts off the oldest body past its grace period when there is one", () => {
    for (let index = 0; index < 8; index++) begin(`${index}`);
    assert.throws(() => begin("ninth"), { statusCode: 503, code: "overloaded" });
    seconds = 5.5;
    begin("ninth");
    assert.deepEqual(codes(), ["0: 503 overloaded"]);
    assert.equal(uploads.size, 8);
  });

  it("keeps to its bytes: a new body gives way, and from their 6th second on the old ones do", () => {
    begin("held", "a", 900 * kib);
    begin("new", "b", 200 * kib);
    assert.deepEqual(codes(), ["new: 503 overloaded"]);
    seconds = 5.5;
    begin("newer", "c", 200 * kib);
    assert.deepEqual(codes(), ["new: 503 overloaded", "held: 503 overloaded"]);
  });

  it("counts the bytes of a body until its request has left, arrived or not", () => {
    const held = begin("held", "a", 900 * kib);
    uploads.arrived(held);
    seconds = 10;
    begin("refused", "b", 200 * kib);
    assert.deepEqual(codes(), ["refused: 503 overloaded"]);
    uploads.leave(held);
    begin("taken", "c", 200 * kib);
    assert.equal(cut.size, 1);
  });

  it("resolves when the last request has left", async () => {
    await uploads.empty();
    const [one, other] = [begin("one"), begin("other")];
    let isEmpty = false;
    const empty = uploads.empty().then(() => {
      isEmpty = true;
    });
    uploads.leave(one);
    await new Promise(setImmediate);
    assert.equal(isEmpty, false);
    uploads.leave(other);
    await empty;
  });
});
