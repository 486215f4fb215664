import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { callerAddress } from "../../src/http/caller-address";

describe("callerAddress", () => {
  for (const [what, peer, forwarded, expected] of [
    ["the peer's, where nobody forwards", "198.51.100.7", undefined, "198.51.100.7"],
    ["the last that a load balancer inside the network names", "10.0.1.7", "203.0.113.9", "203.0.113.9"],
    ["not what a caller wrote before the load balancer's entry", "10.0.1.7", "1.2.3.4, 203.0.113.9", "203.0.113.9"],
    ["the peer's, where a caller from outside claims to forward", "198.51.100.7", "203.0.113.9", "198.51.100.7"],
    ["the same for IPv4 in IPv6's writing", "::ffff:10.0.1.7", "203.0.113.9", "203.0.113.9"],
    ["one for a subscriber's whole network of IPv6", "10.0.1.7", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["the same in short", "10.0.1.7", "2001:db8::6", "2001:db8:0:0"],
    ["the peer's, where the header is empty", "10.0.1.7", "", "10.0.1.7"],
  ] as const) {
    it(`is ${what}`, () => {
      const socket = { remoteAddress: peer } as Socket;
      assert.equal(callerAddress({ headers: { "x-forwarded-for": forwarded }, socket }), expected);
    });
  }
});
