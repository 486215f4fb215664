import assert from "node:assert/strict";
import { covers, holds } from "../../../../components/core/host-names";

describe("A DNS zone", () => {
  it("holds its apex and all below it", () => {
    for (const name of ["example.com", "api.example.com", "a.b.example.com"])
      assert.ok(holds("example.com", name), name);
  });

  it("holds no name that merely ends like it, and none above it", () => {
    for (const name of ["badexample.com", "com", "example.org"]) assert.ok(!holds("example.com", name), name);
    assert.ok(!holds("api.example.com", "example.com"));
  });

  it("holds every name when it is the root", () => assert.ok(holds("", "api.example.com")));
});

describe("A certificate's name", () => {
  it("covers itself", () => assert.ok(covers("api.example.com", "api.example.com")));

  it("covers one label when it is a wildcard, not its apex and not two labels", () => {
    assert.ok(covers("*.example.com", "api.example.com"));
    for (const name of ["example.com", "a.b.example.com", "api.example.org", "localhost"]) {
      assert.ok(!covers("*.example.com", name), name);
    }
  });
});
