import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allocatorOfTheImage } from "./support/image-allocator";
import { ServerProcess } from "./support/server-process";

describe("memory", () => {
  async function residentMbWith(env: Record<string, string>): Promise<number> {
    const server = await ServerProcess.ready({ WORKERS: "2", THREADS: "1", ...env });
    const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
    await server.stop();
    return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6;
  }

  it("that loading a model took and freed goes back to the system, as the image sets the allocator", async function () {
    const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
    if (glibcVersionRuntime === undefined) this.skip();
    assert.deepEqual(Object.keys(allocatorOfTheImage()), ["MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX"]);
    const [kept, given] = [await residentMbWith({}), await residentMbWith(allocatorOfTheImage())];
    // Two copies of 18.6 MB of weights are freed, whole, beside what was read to make them.
    assert.ok(kept - given > 30, `${given.toFixed(0)} MB resident, ${kept.toFixed(0)} MB without the setting`);
  }).timeout(60_000);
});
