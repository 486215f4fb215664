import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { untilInterrupted } from "../../../../tools/release/interruption";

describe("untilInterrupted", () => {
  const [signals, output] = [new EventEmitter(), new EventEmitter()];
  const begin = () => {
    const surroundings = { signals, outputs: [output], question: async () => false };
    return untilInterrupted(() => {}, true, surroundings);
  };

  afterEach(() => {
    signals.removeAllListeners();
    output.removeAllListeners();
  });

  it("Ctrl-C interrupts the release, and the answer decides whether it goes back", async () => {
    const { signal, goesBack } = begin();
    signals.emit("SIGINT", "SIGINT");
    assert.deepEqual([signal.aborted, await goesBack()], [true, false]);
  });

  it("a terminal that was closed interrupts it too, and it goes back without a question", async () => {
    const { signal, goesBack } = begin();
    signals.emit("SIGHUP", "SIGHUP");
    output.emit("error", new Error("write EIO"));
    assert.deepEqual([signal.aborted, await goesBack()], [true, true]);
  });
});
