import assert from "node:assert/strict";
import { days } from "../../components/core/schedule";
import { setScheduledBounds } from "./support/account-api/scaling";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const sleep = { from: "00:00", to: "24:00", timeZone: "UTC", min: 0, max: 0 };
const always = { ...sleep, days };
/** Shut for two days at least, whatever day it is. */
const shut = { ...sleep, days: [days[(new Date().getUTCDay() + 2) % 7]] };

describeWithEngine("A stack with a schedule", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", { "inference:replicas": { min: 2, max: 4 } });
    succeeds(await sandbox.up());
  });

  const up = async (schedule: Record<string, unknown>, own: Record<string, unknown> = {}, ...args: string[]) => {
    sandbox.configure("dev", { "inference:schedule": schedule, ...own });
    return succeeds(await sandbox.up(...args));
  };
  const live = () => {
    const [target] = sandbox.account.of("aws:appautoscaling/target:Target");
    const [service] = sandbox.account.of("aws:ecs/service:Service");
    return [target?.inputs.minCapacity, target?.inputs.maxCapacity, service?.inputs.desiredCount];
  };

  it("takes the bounds of a window that is open when it arrives", async () => {
    const { output } = await up({ always });
    assert.deepEqual(live(), [0, 0, 0]);
    assert.match(output, /replicas were 2 to 4, now 0 to 0/);
  });

  it("keeps them through an update in the middle of the window", async () => {
    await up({ always }, { "inference:logRetentionDays": 7 });
    assert.deepEqual(live(), [0, 0, 0]);
  });

  it("returns to the usual bounds when an open window is taken away and another stays", async () => {
    await up({ shut });
    assert.deepEqual(live(), [2, 4, 2]);
  });

  it("returns to the usual bounds when the last window is taken away while it is open", async () => {
    setScheduledBounds(sandbox.account, 0, 0);
    await up({});
    assert.deepEqual(live(), [2, 4, 2]);
  });

  it("leaves bounds alone that are those of this moment, and previews no change", async () => {
    const mark = sandbox.mark();
    await up({}, {}, "--expect-no-changes");
    assert.deepEqual(sandbox.changesSince(mark), []);
  });
});
