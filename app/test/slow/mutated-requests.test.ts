import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { allocatorOfTheImage } from "../../bench/contestants";
import { type Mutated, mutatedRequest, seeded } from "../support/mutated-requests";
import { RawClient } from "../support/raw-client";
import { ServerProcess } from "../support/server-process";

const total = 10_000;
const warmUp = 2_000;
const atOnce = 32;
const seed = 20_240_607;

describe("10,000 mutated requests", () => {
  let server: ServerProcess;
  let port: number;
  before(async () => {
    server = await ServerProcess.ready({ ...allocatorOfTheImage(), MAX_IN_FLIGHT: "128" });
    port = await server.port();
  });
  after(() => server.stop());

  it("get only 4xx or 503, and neither stop the server nor make it grow by 50 MB", async function () {
    this.timeout(120_000);
    const picture = await sharp(path.join(__dirname, "../..", "photos", "chelsea.png"))
      .resize(96, 96)
      .jpeg()
      .toBuffer();
    const random = seeded(seed);
    const statuses = new Map<number, number>();
    const lorises = Array.from({ length: 40 }, () => slowLoris());
    let next = 0;
    let baselineKib = 0;
    const senders = Array.from({ length: atOnce }, async () => {
      while (next < total) {
        const index = next++;
        if (index === warmUp) baselineKib = residentKib();
        const request = mutatedRequest(index, picture, random);
        const status = await send(request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const fine = (status >= 400 && status < 500) || status === 503 || (request.mayPass && status === 200);
        assert.ok(fine, `request ${index} of seed ${seed}, ${request.name}: ${status}`);
      }
    });
    await Promise.all(senders);
    assert.deepEqual([...new Set(await Promise.all(lorises))], [408]);
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
  async function slowLoris(): Promise<number> {
    const client = new RawClient(port).send(picturePost(Buffer.alloc(5000)).subarray(0, -5000));
    const timer = setInterval(() => client.send("x"), 200);
    await client.closed();
    clearInterval(timer);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(client.received)?.[1]);
  }

  function picturePost(picture: Buffer): Buffer {
    const head = `POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: image/jpeg\r\ncontent-length: ${picture.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), picture]);
  }

  function residentKib(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))?.[1]);
  }
});
