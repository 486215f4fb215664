import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ageWarning, measured } from "../../../../components/pricing";
import { lookedUpOn, type PriceKey, priceIn, priceKeys } from "../../../../components/pricing/table";
import { projectFolder } from "../../../../tools/stack/file";

const regions = ["us-east-1", "eu-west-1", "ap-southeast-1"];

describe("Price table", () => {
  it("has a price above 0, a unit and a source for each key in each region", () => {
    for (const region of regions) {
      for (const key of priceKeys) {
        const { value, unit, source } = priceIn(region, key);
        assert.ok(value > 0 && unit.length > 0 && source.length > 5, `${region} ${key}`);
      }
    }
  });

  it("is cheaper for Spot and for arm64", () => {
    for (const region of regions) {
      for (const part of ["vcpu", "gb"] as const) {
        const plain = priceIn(region, `fargate-x86_64-${part}`).value;
        assert.ok(priceIn(region, `fargate-spot-x86_64-${part}`).value < plain);
        assert.ok(priceIn(region, `fargate-arm64-${part}`).value < plain);
      }
    }
  });

  it("marks what was only assumed, and nothing else", () => {
    assert.equal(priceIn("us-east-1", "alb").assumed, false);
    assert.equal(priceIn("ap-southeast-1", "lambda-arm64").assumed, true);
    assert.equal(priceIn("eu-west-1", "container-insights-metric").assumed, true);
  });

  const days = (count: number, since = "2026-11-21") => new Date(Date.parse(since) + count * 24 * 60 * 60 * 1000);
  const looked = (key: PriceKey, lookedUp = "2026-11-21") => ({ key, lookedUp });

  it("is reported as old after 180 days, not before", () => {
    assert.equal(ageWarning(days(180), [looked("alb")]), undefined);
    assert.match(
      ageWarning(days(181), [looked("alb")]) ?? "",
      /^prices of this bill are up to 181 days old \(2026-11-21\): alb\. npm run prices fetches/,
    );
  });

  it("is as old as the oldest price in use, whichever were fetched since", () => {
    const used = [looked("alb", "2027-10-01"), looked("nat"), looked("ipv4", "2027-10-01"), looked("nat")];
    assert.match(ageWarning(days(400), used) ?? "", /up to 400 days old \(2026-11-21\): nat\. /);
    assert.equal(ageWarning(days(400), [looked("alb", "2027-10-01")]), undefined);
  });

  it("reports the oldest first, and its age", () => {
    const used = [looked("alb"), looked("nat", "2026-11-01")];
    assert.match(ageWarning(days(181), used) ?? "", /up to 201 days old \(2026-11-01\): nat, alb\. /);
  });

  it("is as old as the bundled list if it was not fetched since", () => {
    assert.equal(lookedUpOn({ fetched: "2027-10-01" }), "2027-10-01");
    assert.equal(lookedUpOn({}), priceIn("us-east-1", "nat").lookedUp);
  });

  it("names three that are old, and counts the others", () => {
    const used = (["alb", "nat", "ipv4", "ecr", "gp3"] as const).map((key) => looked(key));
    assert.match(ageWarning(days(181), used) ?? "", /: alb, nat, ipv4 and 2 others\. /);
  });
});

describe("Measured figures", () => {
  it("are those of app/README.md: images per second on two cores, and the start", () => {
    const readme = readFileSync(join(projectFolder, "app/README.md"), "utf8");
    const said = /Prices reckon with ([\d.]+) images\/s on two cores and a start of ([\d.]+) s/.exec(readme);
    const { imagesPerSecondPerVcpu, startSeconds } = measured;
    assert.deepEqual([imagesPerSecondPerVcpu.value * 2, startSeconds.value], said?.slice(1).map(Number));
  });

  it("have the size of the photo that they name", () =>
    assert.equal(readFileSync(join(projectFolder, "app/photos/rocket.jpg")).length, measured.requestBytes.value));
});
