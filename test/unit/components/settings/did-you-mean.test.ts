import assert from "node:assert/strict";
import { nearest } from "../../../../components/settings/did-you-mean";
import { keys } from "../../../../components/settings/keys";

const known = Object.keys(keys);

describe("nearest", () => {
  for (const [typed, meant] of [
    ["memmory", "memory"],
    ["Memory", "memory"],
    ["replica", "replicas"],
    ["ingresCidr", "ingressCidrs"],
    ["logRetentionDay", "logRetentionDays"],
    ["taget", "target"],
    ["secret", "secrets"],
    ["modeluri", "modelUri"],
  ]) {
    it(`takes ${typed} for ${meant}`, () => assert.equal(nearest(typed ?? "", known), meant));
  }

  for (const typed of ["database", "", "kubernetes", "__proto__", "constructor"]) {
    it(`suggests nothing for ${JSON.stringify(typed)}`, () => assert.equal(nearest(typed, known), undefined));
  }

  it("prefers the closest of several", () => assert.equal(nearest("maxx", ["mix", "max", "maxim"]), "max"));

  it("returns at once for a megabyte of text", () => assert.equal(nearest("x".repeat(1_000_000), known), undefined));

  it("suggests nothing without candidates", () => assert.equal(nearest("cpu", []), undefined));
});
