import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { type OfferFile, priceAt } from "../../../../tools/prices/offer-file";
import { places } from "../../../../tools/prices/offers";
import { projectFolder } from "../../../../tools/stack/file";
import { temporaryFolder } from "../../../support/folder";

const run = promisify(execFile);

const offer = (entries: readonly [usage: string, usd: string, operation?: string][]): OfferFile => ({
  publicationDate: "2027-01-02T03:04:05Z",
  products: Object.fromEntries(
    entries.map(([usagetype, , operation], sku) => [`sku${sku}`, { attributes: { usagetype, operation } }]),
  ),
  terms: {
    OnDemand: Object.fromEntries(
      entries.map(([, USD], sku) => [
        `sku${sku}`,
        {
          term: {
            priceDimensions: {
              first: { beginRange: "0", pricePerUnit: { USD } },
              next: { beginRange: "9", pricePerUnit: { USD: "0.001" } },
            },
          },
        },
      ]),
    ),
  },
});

describe("priceAt", () => {
  const vcpu = { offer: "AmazonECS", usage: "Fargate-vCPU-Hours:perCPU" };

  it("returns the price of the first tier, with any region prefix", () => {
    for (const prefix of ["", "EU-", "APS1-", "USE1-"])
      assert.equal(priceAt(offer([[`${prefix}${vcpu.usage}`, "0.05"]]), vcpu), 0.05);
  });

  it("distinguishes kinds of load balancers by their operation", () => {
    const file = offer([
      ["LCUUsage", "0.006", "LoadBalancing:Network"],
      ["LCUUsage", "0.008", "LoadBalancing:Application"],
    ]);
    assert.equal(priceAt(file, { offer: "AWSELB", usage: "LCUUsage", operation: "LoadBalancing:Application" }), 0.008);
  });

  it("returns undefined for several prices or none", () => {
    assert.equal(
      priceAt(
        offer([
          [vcpu.usage, "0.05"],
          [vcpu.usage, "0.06"],
        ]),
        vcpu,
      ),
      undefined,
    );
    assert.equal(priceAt(offer([["Windows-Fargate-vCPU-Hours:perCPU", "0.05"]]), vcpu), undefined);
  });
});

describe("npm run prices", function () {
  this.timeout(60_000);
  let server: Server;
  let from: string;
  let folder: string;
  let file: string;
  const asked: string[] = [];

  before((done) => {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const all = Object.values(places).map(({ usage, operation }): [string, string, string?] => [
        usage,
        "0.5",
        operation,
      ]);
      response.end(JSON.stringify(offer(all.filter(([usage]) => usage !== "AWSSecretsManager-Secrets"))));
    }).listen(0, "127.0.0.1", () => {
      from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });
  beforeEach(() => {
    folder = temporaryFolder("prices");
    file = join(folder, "price-list.json");
    copyFileSync(join(projectFolder, "components/pricing/price-list.json"), file);
  });

  const prices = (...args: string[]) =>
    run(process.execPath, ["-r", "ts-node/register/transpile-only", "tools/prices/main.ts", "--file", file, ...args], {
      cwd: projectFolder,
    });

  it("writes the prices of each region with their day, and keeps those that the list does not have", async () => {
    const before = JSON.parse(readFileSync(file, "utf8"));
    const { stdout } = await prices("--from", from);
    const { prices: after, collected } = JSON.parse(readFileSync(file, "utf8"));
    const fetched = new Date().toISOString().slice(0, 10);
    assert.deepEqual(after.alb.regions["eu-west-1"], { value: 0.5, source: "AWS", date: "2027-01-02", fetched });
    assert.equal(after["lambda-requests"].regions["us-east-1"].value, 500_000);
    assert.deepEqual(after.secret, before.prices.secret);
    assert.deepEqual(after.nat, before.prices.nat);
    assert.equal(collected, before.collected, "what was not fetched is as old as before");
    assert.match(stdout, /alb in eu-west-1: 0\.0252 -> 0\.5/);
    assert.match(stdout, /3 prices not found; their old values stay\n {2}secret in us-east-1/);
    assert.ok(asked.includes("/offers/v1.0/aws/AmazonECS/current/ap-southeast-1/index.json"));
  });

  it("reports that it is offline, and changes nothing", async () => {
    const before = readFileSync(file, "utf8");
    const failed = await prices("--from", "http://127.0.0.1:1").catch((error) => error);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /^127\.0\.0\.1:1 cannot be reached \(.*\)\. The bundled prices stay as they are\.\n$/);
    assert.equal(readFileSync(file, "utf8"), before);
  });
});
