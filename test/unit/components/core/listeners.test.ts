import assert from "node:assert/strict";
import { describeListeners, type Listener, parseListeners } from "../../../../components/core/listeners";

/** As the kernel writes it, on a machine that is little-endian. */
const table = (...rows: readonly string[]) =>
  ["  sl  local_address rem_address   st tx_queue", ...rows.map((row, index) => `   ${index}: ${row}`)].join("\n");
const everywhere = (port: string, state = "0A") => `00000000:${port} 00000000:0000 ${state} 00000000:00000000`;

describe("parseListeners", () => {
  it("finds listening ports and leaves connections out", () =>
    assert.deepEqual(parseListeners(table(everywhere("1F90"), everywhere("1388", "01"))), [
      { port: 8080, isLoopback: false },
    ]));

  const loopback: Record<string, string> = {
    "127.0.0.1": "0100007F:1388 00000000:0000 0A 0",
    "::1": "00000000000000000000000001000000:1388 00000000000000000000000000000000:0000 0A 0",
    "127.0.0.1 in IPv6": "0000000000000000FFFF00000100007F:1388 00000000000000000000000000000000:0000 0A 0",
  };
  for (const [address, row] of Object.entries(loopback)) {
    it(`tells that ${address} is reached from inside only`, () =>
      assert.deepEqual(parseListeners(table(row)), [{ port: 5000, isLoopback: true }]));
  }

  it("takes a port as open when one of its addresses is", () =>
    assert.deepEqual(parseListeners(table("0100007F:1F90 00000000:0000 0A 0", everywhere("1F90"))), [
      { port: 8080, isLoopback: false },
    ]));
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
});
