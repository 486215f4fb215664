import assert from "node:assert/strict";
import fc from "fast-check";
import { overlap, parseCidr, parseCidr6 } from "../../../../components/core/cidr";

const block = (text: string) => {
  const parsed = text.includes(":") ? parseCidr6(text) : parseCidr(text);
  assert.ok(parsed, text);
  return parsed;
};

describe("cidr", () => {
  for (const [text, first, last] of [
    ["0.0.0.0/0", 0, 2 ** 32 - 1],
    ["10.0.0.0/8", 0x0a000000, 0x0affffff],
    ["192.168.4.0/22", 0xc0a80400, 0xc0a807ff],
    ["203.0.113.9/32", 0xcb007109, 0xcb007109],
    ["255.255.255.255/32", 0xffffffff, 0xffffffff],
  ] as const) {
    it(`reads ${text}`, () => {
      const parsed = block(text);
      assert.deepEqual([parsed.first, parsed.last], [BigInt(first), BigInt(last)]);
    });
  }

  for (const [text, first, last] of [
    ["::/0", "0x0", `0x${"f".repeat(32)}`],
    ["2001:db8::/32", `0x20010db8${"0".repeat(24)}`, `0x20010db8${"f".repeat(24)}`],
    ["2001:DB8:0:1::/64", `0x20010db800000001${"0".repeat(16)}`, `0x20010db800000001${"f".repeat(16)}`],
    ["1:2:3:4:5:6:7:8/128", "0x00010002000300040005000600070008", "0x00010002000300040005000600070008"],
  ] as const) {
    it(`reads ${text}`, () => {
      const parsed = block(text);
      assert.deepEqual([parsed.first, parsed.last], [BigInt(first), BigInt(last)]);
    });
  }

  for (const text of [
    ...["2001:db8::1/32", "::/129", "::", "2001:db8:/32", "1:2:3:4:5:6:7/128", "::1::/128", "::ffff:192.0.2.0/120"],
    ...["fe80::%eth0/64", "10.0.0.0/8", " ::/0", "::/0\n", "g::/16", ""],
  ]) {
    it(`refuses ${JSON.stringify(text)} as a block of IPv6`, () => assert.equal(parseCidr6(text), undefined));
  }

  for (const text of [
    "10.0.0.1/16",
    "10.0.0.0/33",
    "10.0.0.0",
    "10.0.0/16",
    "256.0.0.0/8",
    "1.2.3.4.5/8",
    " 10.0.0.0/16",
    "10.0.0.0/16\n",
    "::/0",
    "10.0.0.0/",
    "a.b.c.d/8",
    "",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseCidr(text), undefined));
  }

  it("takes any number of leading bits, aligned, and refuses a host bit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 31 }), (address, prefix) => {
        const size = 2 ** (32 - prefix);
        const aligned = address - (address % size);
        const text = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
        assert.equal(block(`${text(aligned)}/${prefix}`).last, BigInt(aligned + size - 1));
        assert.equal(parseCidr(`${text(aligned + 1)}/${prefix}`), undefined);
      }),
    );
  });

  for (const [one, other, meet] of [
    ["10.0.0.0/16", "10.0.255.0/24", true],
    ["10.0.0.0/16", "10.0.0.0/16", true],
    ["0.0.0.0/0", "255.255.255.255/32", true],
    ["10.0.0.0/16", "10.1.0.0/16", false],
    ["10.0.0.0/24", "10.0.1.0/24", false],
    ["2001:db8::/32", "2001:db8:0:1::/64", true],
    ["::/0", "2001:db8::1/128", true],
    ["2001:db8::/32", "2001:db9::/32", false],
    ["0.0.0.0/0", "::/0", false],
  ] as const) {
    it(`says that ${one} and ${other} ${meet ? "overlap" : "do not overlap"}, either way round`, () => {
      assert.equal(overlap(block(one), block(other)), meet);
      assert.equal(overlap(block(other), block(one)), meet);
    });
  }
});
