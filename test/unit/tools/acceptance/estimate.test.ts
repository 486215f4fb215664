import assert from "node:assert/strict";
import { serviceSpec } from "../../../../components/core/service-spec";
import { measuredRate, steadyRequestsPerSecond } from "../../../../components/pricing";
import { described, type Estimate, estimate, refuseTooDear } from "../../../../tools/acceptance/estimate";
import { evaluateStack } from "../../../../tools/offline";
import { stackSettings } from "../../../../tools/stack/settings";
import { estimate as known, steps } from "../../../support/acceptance";

describe("the estimate of npm run acceptance", function () {
  this.timeout(60_000);
  let found: Estimate;
  const spec = serviceSpec(stackSettings("dev"));
  const perSecond = 2 * spec.replicas.max * steadyRequestsPerSecond(spec, measuredRate);

  before(async () => {
    found = await estimate({ stack: "dev", steps, perSecond });
  });

  it("is the program's own price of both platforms at their most replicas", async () => {
    const { outputs } = await evaluateStack("dev", { overrides: { target: "both" } });
    const { atMaximum } = outputs.monthlyUsd as { atMaximum: { sum: number } };
    assert.equal((found.usdPerHour * 730).toFixed(1), atMaximum.sum.toFixed(1));
    assert.equal(found.usd, found.hours * found.usdPerHour);
  });

  it("counts the minutes of the steps and the first URLs that compare estimates, in whole hours", () => {
    const own = steps.reduce((sum, { minutes }) => sum + minutes * 60, 0);
    const seconds = found.firstUrl
      .flatMap(({ waits }) => waits)
      .reduce((sum, wait) => sum + (wait.most ?? wait.seconds), own);
    assert.equal(found.hours, Math.ceil(seconds / 3600));
  });

  it("is printed as an estimate, with what is assumed and what is not in it", () => {
    assert.match(
      described(known),
      /^About 1\.50 USD by list prices of 2026-11-21: 3 h, 0\.50 USD an hour\. Assumed are /,
    );
    assert.match(
      described(known),
      /Not included: tax, the additional replicas during a rollout, and the hours of a stack/,
    );
  });

  it("refuses a run that costs more than --max-cost", () => {
    refuseTooDear(known, undefined);
    refuseTooDear(known, 1.5);
    assert.throws(() => refuseTooDear(known, 1.4), /--max-cost is 1\.4 USD, and the run costs about 1\.50 USD/);
  });
});
