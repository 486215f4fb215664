import assert from "node:assert/strict";
import type { Rollout } from "../../../../components/core/rollout";
import type { Bounds } from "../../../../components/core/schedule";
import { ecsService, unread } from "../../support/ecs-program";
import { declared, deployed } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const promiseOf = (output: unknown) => (output as { promise(): Promise<unknown> }).promise();
const target = "aws:appautoscaling/target:Target";
const policy = "aws:appautoscaling/policy:Policy";
const scheduled = "aws:appautoscaling/scheduledAction:ScheduledAction";
const plan = (own: Readonly<Record<string, unknown>> = {}) => declared(() => void ecsService(own));
const tracking = (own: PlanUnderTest, name: string) =>
  own.one(policy, name).inputs.targetTrackingScalingPolicyConfiguration as Record<string, unknown>;

describe("ECS scaling", () => {
  it("scales the service's desired count between the bounds", async () => {
    const { inputs, options } = (await plan({ replicas: { min: 2, max: 9 } })).one(target);
    assert.deepEqual(inputs, {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: "service/inference/inference-ecs",
      minCapacity: 2,
      maxCapacity: 9,
    });
    assert.deepEqual(options.ignoreChanges, []);
  });

  it("scales on CPU only by default", async () => {
    const own = await plan({ scaling: { cpuPercent: 55, scaleOutCooldownSeconds: 30, scaleInCooldownSeconds: 120 } });
    assert.deepEqual(own.names(policy), ["inference-ecs-cpu"]);
    assert.deepEqual(tracking(own, "inference-ecs-cpu"), {
      targetValue: 55,
      predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
      scaleOutCooldown: 30,
      scaleInCooldown: 120,
    });
  });

  it("scales on memory with memoryPercent", async () => {
    const own = await plan({ scaling: { memoryPercent: 80 } });
    assert.deepEqual(own.names(policy), ["inference-ecs-cpu", "inference-ecs-memory"]);
    const { targetValue, predefinedMetricSpecification } = tracking(own, "inference-ecs-memory");
    assert.equal(targetValue, 80);
    assert.deepEqual(predefinedMetricSpecification, { predefinedMetricType: "ECSServiceAverageMemoryUtilization" });
  });

  it("scales on requests with the resource label of AWS: both ARN suffixes", async () => {
    const own = await plan({ scaling: { requestsPerMinutePerReplica: 600 } });
    assert.deepEqual(own.names(policy), ["inference-ecs-cpu", "inference-ecs-requests"]);
    const { targetValue, predefinedMetricSpecification } = tracking(own, "inference-ecs-requests");
    assert.equal(targetValue, 600);
    assert.deepEqual(predefinedMetricSpecification, {
      predefinedMetricType: "ALBRequestCountPerTarget",
      resourceLabel: "app/inference/2/targetgroup/inference-ecs/1",
    });
  });

  it("attaches its policies to the registered scalable target", async () => {
    const own = await plan({ scaling: { memoryPercent: 80 } });
    for (const each of own.all(policy)) assert.ok(own.dependsOn(each, own.one(target)), each.name);
  });

  describe("with a schedule", () => {
    const schedule = {
      night: { days: ["mon", "tue"], from: "20:00", to: "06:30", timeZone: "Europe/Berlin", min: 0, max: 0 },
    };

    it("sets the window's bounds when it opens and the usual ones when it closes", async () => {
      const own = await plan({ schedule, replicas: { min: 2, max: 5 } });
      const actions = own
        .all(scheduled)
        .map(({ name, inputs }) => [name, inputs.schedule, inputs.timezone, inputs.scalableTargetAction]);
      assert.deepEqual(actions, [
        ["inference-ecs-night-open", "cron(0 20 ? * MON,TUE *)", "Europe/Berlin", { minCapacity: 0, maxCapacity: 0 }],
        ["inference-ecs-night-close", "cron(30 6 ? * TUE,WED *)", "Europe/Berlin", { minCapacity: 2, maxCapacity: 5 }],
      ]);
    });

    it("plans no change of the bounds, which scheduled actions change", async () =>
      assert.deepEqual((await plan({ schedule })).one(target).options.ignoreChanges, ["minCapacity", "maxCapacity"]));

    for (const [title, now, minCapacity, maxCapacity] of [
      ["the window's while it is open", "2026-01-05T19:00:00Z", 0, 0],
      ["the usual ones outside it", "2026-01-05T18:59:00Z", 2, 5],
    ] as const) {
      it(`registers the target with the bounds of the moment: ${title}`, async () => {
        const own = await declared(
          () => void ecsService({ schedule, replicas: { min: 2, max: 5 } }, { now: () => new Date(now) }),
        );
        const { inputs } = own.one(target);
        assert.deepEqual([inputs.minCapacity, inputs.maxCapacity], [minCapacity, maxCapacity]);
      });
    }

    for (const [title, own, expected] of [
      ["a window is taken away while it is open and another stays", { schedule }, { min: 1, max: 4 }],
      ["the last window is taken away while it is open", {}, { min: 1, max: 4 }],
    ] as const) {
      it(`ends the bounds of a window at once when ${title}`, async () => {
        const set: unknown[] = [];
        const api = {
          ...unread,
          bounds: async () => ({ min: 0, max: 0 }),
          setBounds: async (...told: [string, Bounds]) => void set.push(told),
        };
        await deployed(async () => {
          const [running] = ecsService(own, { api, now: () => new Date("2026-01-05T12:00:00Z") }).deployments;
          const rollout = (await promiseOf(running?.rollout)) as Rollout;
          await assert.rejects(rollout.complete(), /ECS was asked/);
        });
        assert.deepEqual(set, [["service/inference/inference-ecs", expected]]);
      });
    }

    it("wakes one replica in a window with 0 replicas to prove a version, and lets it sleep again", async () => {
      const set: unknown[] = [];
      let live = { min: 0, max: 0 };
      const api = {
        ...unread,
        bounds: async () => live,
        setBounds: async (_resource: string, bounds: Bounds) => {
          set.push(bounds);
          live = bounds;
        },
      };
      await deployed(async () => {
        const [running] = ecsService({ schedule }, { api, now: () => new Date("2026-01-05T22:00:00Z") }).deployments;
        const rollout = (await promiseOf(running?.rollout)) as Rollout;
        await assert.rejects(rollout.complete(), /ECS was asked/);
        await rollout.release();
      });
      assert.deepEqual(set, [
        { min: 1, max: 1 },
        { min: 0, max: 0 },
      ]);
    });

    it("has no scheduled action without a window", async () => assert.deepEqual((await plan()).all(scheduled), []));
  });
});
