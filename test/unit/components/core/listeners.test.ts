import assert from "node:assert/strict";
import { describeListeners, type Listener, parseListeners } from "../../../../components/core/listeners";

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

describe("describeListeners", () => {
  const open = (port: number): Listener => ({ port, isLoopback: false });
  const inside = (port: number): Listener => ({ port, isLoopback: true });
  const cases: Record<string, [Listener[], string | undefined]> = {
    "is silent when the server listens on its port": [[open(8080), open(9000)], undefined],
    "names the key and the presets of the port that is open": [
      [open(5000)],
      "listens on 5000, not on 8080: set container.port: 5000, or container.preset (flask)",
    ],
    "names the key alone for a port of no preset": [
      [open(4711), inside(9)],
      "listens on 4711, not on 8080: set container.port: 4711",
    ],
    "says that loopback is not reached": [[inside(8080)], "listens on 127.0.0.1:8080 only; it must listen on 0.0.0.0"],
    "says so for another port on loopback": [
      [inside(5000)],
      "listens on 127.0.0.1:5000 only; it must listen on 0.0.0.0:8080",
    ],
    "says that nothing is open": [[], "listens on no port yet"],
  };
  for (const [title, [listeners, text]] of Object.entries(cases)) {
    it(title, () => assert.equal(describeListeners(listeners, 8080), text));
  }

  it("names the options of a command in place of the keys", () => {
    const names = { port: "--container-port", preset: "--preset" };
    const text = "listens on 5000, not on 8080: set --container-port 5000, or --preset (flask)";
    assert.equal(describeListeners([open(5000)], 8080, names), text);
  });
});
