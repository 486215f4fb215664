import assert from "node:assert/strict";
import { parseSettings } from "../../../../components/settings";
import { keys } from "../../../../components/settings/keys";
import { project } from "../../../support/configurations/configuration";
import { unshown } from "../../../support/configurations/grammar";
import { judge } from "../../../support/configurations/judge";
import { judgeConfigurations, judgePlans } from "../../../support/configurations/run";

const names = Object.keys(keys);
const own = (key: string, value: unknown) => ({ "aws:region": "eu-west-1", [`${project}:${key}`]: value });

/** The slow tier judges 50,000 with a seed of each run. */
describe("parseSettings with random configurations", function () {
  this.timeout(120_000);

  it("has a value of every key to begin with: its message says such as ..., or an example shows one", () =>
    assert.deepEqual(unshown(), []));

  it("returns settings or readable problems for 2,000, and each key takes part", () => {
    const { accepted, refused } = judgeConfigurations(2_000, 1);
    assert.deepEqual(
      names.filter((name) => !accepted.has(name) || !refused.has(name)),
      [],
    );
  });

  it("declares sound plans for those that it accepts", async () => {
    const targets = await judgePlans(30, 1);
    assert.ok(targets.size >= 3, [...targets].join(", "));
  });

  it("accepts or refuses huge values", () => {
    const huge = "x".repeat(1_000_000);
    for (const key of [...names, huge])
      for (const item of [huge, { [huge]: 1 }, [huge], { min: huge }]) judge(own(key, item));
  });

  it("never changes Object.prototype", () => {
    const pollution = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    for (const key of names) parseSettings(own(key, pollution), { project, stack: "test" });
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});
