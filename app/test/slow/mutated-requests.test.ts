import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { allocatorOfTheImage } from "../support/image-allocator";
import { heavyPictures, type Mutated, mutatedRequest, seeded } from "../support/mutated-requests";
import { backends, skipWithoutLibrary } from "../support/openvino";
import { RawClient } from "../support/raw-client";
import { ServerProcess } from "../support/server-process";

const total = 14_000;
/** Resident memory rises until every thread has decoded each heavy picture; from then on it stayed flat up to 30,000 requests. */
const warmUp = 6_000;
const atOnce = 32;
const seed = 20_240_607;
/** A slow body ends for its pace, or earlier where a heavy request needs the bytes that it holds. */
const slowOrInTheWay = /^HTTP\/1\.1 (408 .*"too_slow"|503 .*too many request bodies)/s;

for (const { backend, variables } of backends) {
  describe(`14,000 mutated requests (${backend})`, () => {
    let server: ServerProcess;
    let port: number;
    before(async function () {
      skipWithoutLibrary(this, backend);
      server = await ServerProcess.ready({ ...allocatorOfTheImage(), ...variables, MAX_IN_FLIGHT: "128" });
      port = await server.port();
    });
    after(() => server?.stop());

    it("get only 4xx or 503, and neither stop the server, nor make it grow by 50 MB, nor ever take 512 MiB", async function () {
      this.timeout(240_000);
      const picture = await sharp(path.join(__dirname, "../..", "photos", "chelsea.png"))
        .resize(96, 96)
        .jpeg()
        .toBuffer();
      const pictures = { good: picture, heavy: await heavyPictures() };
      const random = seeded(seed);
      const statuses = new Map<number, number>();
      const endless = chunkedWithoutEnd();
      const lorises = Array.from({ length: 40 }, () => slowLoris());
      let next = 0;
      let baselineKib = 0;
      const senders = Array.from({ length: atOnce }, async () => {
        while (next < total) {
          const index = next++;
          if (index === warmUp) baselineKib = residentKib();
          const request = mutatedRequest(index, pictures, random);
          const status = await send(request);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          const fine = (status >= 400 && status < 500) || status === 503 || (request.mayPass && status === 200);
          assert.ok(fine, `request ${index} of seed ${seed}, ${request.name}: ${status}`);
        }
      });
      await Promise.all(senders);
      for (const answer of await Promise.all([...lorises, endless])) assert.match(answer, slowOrInTheWay);
      assert.ok(peakKib() < 512 * 1024, `${Math.round(peakKib() / 1024)} MiB at the most`);
      const grownKib = residentKib() - baselineKib;
      assert.ok(
        grownKib < 50 * 1024,
        `grew by ${Math.round(grownKib / 1024)} MB from ${Math.round(baselineKib / 1024)} MB`,
      );
      assert.equal(
        [...statuses.values()].reduce((sum, count) => sum + count),
        total,
      );
      assert.equal(server.lines.filter(({ level }) => level === "error").length, 0);
      const after = new RawClient(port).send(picturePost(picture));
      assert.match(await after.until("latency_seconds"), /cat/);
      console.log(
        `      ${JSON.stringify(Object.fromEntries(statuses))}, memory ${Math.round(grownKib / 1024)} MB from ${Math.round(baselineKib / 1024)} MB`,
      );
    });

    async function send({ bytes }: Mutated): Promise<number> {
      const client = new RawClient(port).send(bytes);
      await client.closed();
      return Number(/^HTTP\/1\.1 (\d+)/.exec(client.received)?.[1]);
    }

    /** Sends its body a byte at a time, for as long as it is let. */
    async function slowLoris(): Promise<string> {
      const client = new RawClient(port).send(picturePost(Buffer.alloc(5000)).subarray(0, -5000));
      const timer = setInterval(() => client.send("x"), 200);
      await client.closed();
      clearInterval(timer);
      return client.received;
    }

    /** Keeps the pace, and has no end. */
    async function chunkedWithoutEnd(): Promise<string> {
      const head =
        "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ntransfer-encoding: chunked\r\n\r\n";
      const client = new RawClient(port).send(head);
      const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
      const timer = setInterval(() => client.send(chunk), 100);
      await client.closed();
      clearInterval(timer);
      return client.received;
    }

    function picturePost(picture: Buffer): Buffer {
      const head = `POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: image/jpeg\r\ncontent-length: ${picture.length}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), picture]);
    }

    const residentKib = () => memoryKib("VmRSS");
    const peakKib = () => memoryKib("VmHWM");
    function memoryKib(field: string): number {
      const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
      return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]);
    }
  });
}
