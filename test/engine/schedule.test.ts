import assert from "node:assert/strict";
import { days } from "../../components/core/schedule";
import { setScheduledBounds } from "./support/account-api/scaling";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const sleep = { from: "00:00", to: "24:00", timeZone: "UTC", min: 0, max: 0 };
const always = { ...sleep, days };
/** Opens in two days, whatever day it is. */
const later = { ...sleep, days: [days[(new Date().getUTCDay() + 2) % 7]] };

describeWithEngine("schedule on a running stack", (open) => {
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

  it("a new window that is open sets its bounds at once", async () => {
    const { output } = await up({ always });
    assert.deepEqual(live(), [0, 0, 0]);
    assert.match(output, /replicas were 2 to 4, now 0 to 0/);
  });

  it("an update during the window keeps its bounds", async () => {
    await up({ always }, { "inference:logRetentionDays": 7 });
    assert.deepEqual(live(), [0, 0, 0]);
  });

  it("removing an open window restores the usual bounds while another window stays", async () => {
    await up({ later });
    assert.deepEqual(live(), [2, 4, 2]);
  });

  it("removing the last window while it is open restores the usual bounds", async () => {
    setScheduledBounds(sandbox.account, 0, 0);
    await up({});
    assert.deepEqual(live(), [2, 4, 2]);
  });

  it("an update leaves bounds unchanged that are right at this moment", async () => {
    const mark = sandbox.mark();
    await up({}, {}, "--expect-no-changes");
    assert.deepEqual(sandbox.changesSince(mark), []);
  });
});
