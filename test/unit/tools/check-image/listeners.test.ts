import assert from "node:assert/strict";
import { parseListeners } from "../../../../tools/check-image/listeners";

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, state = "0A") =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000\n`;
const row6 = (address: string) =>
  `   0: ${address}:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000\n`;

describe("parseListeners", () => {
  for (const [title, table, expected] of [
    ["an address of every interface", row("00000000:1F90"), [{ port: 8080, isLoopback: false }]],
    ["127.0.0.1 as loopback", row("0100007F:1F40"), [{ port: 8000, isLoopback: true }]],
    ["the address of the container as open", row("020011AC:0050"), [{ port: 80, isLoopback: false }]],
    ["every IPv6 address", row6("0".repeat(32)), [{ port: 8080, isLoopback: false }]],
    ["::1 as loopback", row6("00000000000000000000000001000000"), [{ port: 8080, isLoopback: true }]],
    ["IPv4 inside IPv6 as loopback", row6("0000000000000000FFFF00000100007F"), [{ port: 8080, isLoopback: true }]],
    ["no connections, only sockets that listen", row("00000000:1F90", "01"), []],
    [
      "a port that is open on one address and loopback on another as open",
      row("0100007F:1F40") + row("00000000:1F40"),
      [{ port: 8000, isLoopback: false }],
    ],
  ] as const) {
    it(`finds ${title}`, () => assert.deepEqual(parseListeners(head + table), expected));
  }
});
