import assert from "node:assert/strict";
import { days } from "../../components/core/schedule";
import { askForReplicas, putToSleep } from "./support/account-api/kubernetes";
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

  it("a new window that is open sets its bounds once the version is proven on one replica", async () => {
    const { output } = await up({ always });
    assert.deepEqual(live(), [0, 0, 0]);
    assert.match(output, /replicas were 2 to 4, now 1 to 1\n.*replicas were 1 to 1, now 0 to 0/);
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

describeWithEngine("schedule on a running stack on EKS", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", {
      "inference:target": "eks",
      "inference:replicas": { min: 2, max: 4 },
      "inference:scaling": { requestsPerMinutePerReplica: 600 },
    });
    succeeds(await sandbox.up());
  });

  const up = async (schedule: Record<string, unknown>, own: Record<string, unknown> = {}, ...args: string[]) => {
    sandbox.configure("dev", { "inference:schedule": schedule, ...own });
    return succeeds(await sandbox.up(...args));
  };
  const live = () => {
    const [scaler] = sandbox.account.of("kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
    const [deployment] = sandbox.account.of("kubernetes:apps/v1:Deployment");
    assert.ok(scaler && deployment);
    const { minReplicas, maxReplicas } = scaler.inputs.spec as Record<string, unknown>;
    return [minReplicas, maxReplicas, (deployment.inputs.spec as Record<string, unknown>).replicas];
  };

  it("a new window that is open has 0 replicas once the version is proven on one", async () => {
    const { output } = await up({ always });
    assert.deepEqual(live(), [1, 1, 0]);
    assert.match(output, /replicas were 2 to 4, now 1 to 1\n.*has 0 replicas until its window ends/);
    assert.equal(sandbox.account.of("kubernetes:batch/v1:CronJob").length, 1);
  });

  it("an update during the window wakes a replica, and changes no bounds in the plan", async () => {
    const mark = sandbox.mark();
    const { output } = await up({ always }, { "inference:logRetentionDays": 7 });
    assert.match(output, /had 0 replicas, now 1\n.*has 0 replicas until its window ends/);
    assert.deepEqual(live(), [1, 1, 0]);
    assert.ok(!sandbox.changesSince(mark).some((change) => change.includes("HorizontalPodAutoscaler")));
  });

  it("removing the last window while it is open wakes the usual replicas", async () => {
    putToSleep(sandbox.account);
    await up({});
    assert.deepEqual(live(), [2, 4, 2]);
    assert.deepEqual(sandbox.account.of("kubernetes:batch/v1:CronJob"), []);
  });

  it("an update keeps what the requests raise; without the key the declared bounds are back", async () => {
    const scalers = () => sandbox.account.of("kubernetes:apps/v1:StatefulSet").length;
    assert.equal(scalers(), 1);
    askForReplicas(sandbox.account, 3);
    const { output } = await up({}, { "inference:replicas": { min: 1, max: 4 } });
    assert.deepEqual(live(), [3, 4, 3]);
    assert.match(output, /replicas were 2 to 4, now 1 to 4/, "without the requests");
    await up({}, { "inference:scaling": undefined });
    assert.deepEqual(live().slice(0, 2), [1, 4]);
    assert.equal(scalers(), 0);
  });
});
