import assert from "node:assert/strict";
import { keys } from "../../components/settings/keys";
import { judgeConfigurations, judgePlans } from "../support/configurations/run";

/** Another one each time. A failure prints it; set the variable to see that failure again. */
const seed = Number(process.env.CONFIGURATION_SEED ?? Date.now() % 2 ** 31);

/** The whole takes minutes. */
const share = process.argv.includes("--all") ? 1 : 0.2;

describe(`random configurations with seed ${seed}`, function () {
  this.timeout(600_000);

  it(`are ${50_000 * share} that become settings or readable problems, with every key among both`, () => {
    const { accepted, refused } = judgeConfigurations(50_000 * share, seed);
    for (const name of Object.keys(keys)) assert.ok(accepted.has(name) && refused.has(name), name);
  });

  it(`are ${1_000 * share} of which each accepted one has a sound plan`, async () => {
    await judgePlans(1_000 * share, seed);
  });
});
