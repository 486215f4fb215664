import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import sharp from "sharp";
import { photo } from "../support/classify";
import { form } from "../support/form";
import { floatTiff, textBomb } from "../support/heavy-pictures";
import { allocatorOfTheImage } from "../support/image-allocator";
import { backends, skipWithoutLibrary } from "../support/openvino";
import { RawClient } from "../support/raw-client";
import { ServerProcess } from "../support/server-process";

const seconds = 20;
/** The limit of the container includes what the kernel buffers of eleven connections. */
const processLimitMib = 480;
const limitBytes = 10 * 1024 * 1024;

/** As heavy as pictures may be that are taken, or just refused. */
async function pictures(): Promise<Buffer[]> {
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: "teal" }, limitInputPixels: false });
  return [
    await plain(4000, 3000).avif({ effort: 0 }).toBuffer(),
    await plain(6400, 5000).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    await plain(6000, 4000).jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer(),
    await plain(65_000, 400).jpeg().toBuffer(),
    floatTiff(),
    await textBomb(10, 50),
  ];
}

for (const { backend, variables } of backends) {
  describe(`A replica of the smallest size (${backend})`, () => {
    let server: ServerProcess;
    after(() => server?.stop());

    it("stays below 512 MiB under callers of the heaviest bodies and pictures, and answers afterwards", async function () {
      this.timeout(180_000);
      skipWithoutLibrary(this, backend);
      const heavy = await pictures();
      server = await ServerProcess.ready({ ...allocatorOfTheImage(), ...variables, CPU_UNITS: "256" });
      const port = await server.port();
      const end = Date.now() + seconds * 1000;
      const statuses = new Map<string, number>();
      const keepSending = async (next: () => { type: string; body: Buffer }) => {
        while (Date.now() < end) {
          const { type, body } = next();
          const head = `POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
          const client = new RawClient(port).send(head).send(body);
          await client.closed();
          const status = client.received.slice(9, 12);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      const { headers, payload } = form("file", Buffer.alloc(limitBytes - 1000, 65));
      const json = Buffer.from(`{"image":"${"A".repeat(limitBytes - 20)}"}`);
      let index = 0;
      await Promise.all([
        ...Array.from({ length: 3 }, () =>
          keepSending(() => ({ type: "image/png", body: heavy[index++ % heavy.length] as Buffer })),
        ),
        ...Array.from({ length: 4 }, () => keepSending(() => ({ type: "application/json", body: json }))),
        ...Array.from({ length: 4 }, () => keepSending(() => ({ type: headers["content-type"], body: payload }))),
      ]);
      const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
      const peakMib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
      console.log(`      ${JSON.stringify(Object.fromEntries(statuses))}, ${Math.round(peakMib)} MiB at the most`);
      assert.ok(peakMib < processLimitMib, `${peakMib} MiB`);
      assert.ok(statuses.has("200"), "some of them are taken");
      const url = `${await server.url()}/predict`;
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "image/png" },
        body: new Uint8Array(photo("chelsea.png")),
      });
      assert.equal(answer.status, 200);
    });
  });
}
