import assert from "node:assert/strict";
import { reasonOf } from "../../../../components/core/reason";

describe("reasonOf", () => {
  it("is the message of an error, and the text of anything else that was thrown", () =>
    assert.deepEqual(
      [reasonOf(new Error("no disk")), reasonOf("no disk"), reasonOf(undefined)],
      ["no disk", "no disk", "undefined"],
    ));

  it("includes the cause: fetch gives no other reason", () => {
    const cause = new Error("getaddrinfo ENOTFOUND registry.example.com");
    assert.equal(
      reasonOf(new TypeError("fetch failed", { cause })),
      "fetch failed: getaddrinfo ENOTFOUND registry.example.com",
    );
    assert.equal(reasonOf(new Error("refused", { cause: new AggregateError([]) })), "refused");
  });
});
