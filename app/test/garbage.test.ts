import assert from "node:assert/strict";
import { Garbage } from "../src/garbage";

const mib = 1024 * 1024;

describe("Garbage", () => {
  let collections: string[];
  let garbage: Garbage;

  beforeEach(() => {
    collections = [];
    garbage = new Garbage((options) => collections.push(options?.type ?? "major"));
  });

  it("collects young buffers after every 8 MiB that were in use for a moment", () => {
    for (let chunk = 0; chunk < 17 * 16; chunk++) garbage.brief(mib / 16);
    assert.deepEqual(collections, ["minor", "minor"]);
  });

  it("collects all buffers every eighth time, for what outlived the others", () => {
    for (let chunk = 0; chunk < 9 * 8 * 16; chunk++) garbage.brief(mib / 16);
    assert.deepEqual(collections, [...Array(7).fill("minor"), "major", "minor"]);
  });

  it("collects all buffers after every 10 MiB of bodies, once their requests are over", async () => {
    for (let body = 0; body < 2; body++) garbage.lasting(4 * mib);
    await new Promise(setImmediate);
    assert.deepEqual(collections, []);
    for (let body = 0; body < 5; body++) garbage.lasting(12 * mib);
    assert.deepEqual(collections, []);
    await new Promise(setImmediate);
    assert.deepEqual(collections, ["major"]);
    garbage.lasting(10 * mib);
    await new Promise(setImmediate);
    assert.deepEqual(collections, ["major", "major"]);
  });
});
