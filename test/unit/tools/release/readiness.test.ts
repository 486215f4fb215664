import assert from "node:assert/strict";
import { days } from "../../../../components/core/schedule";
import { limitsOf, refuseAsleep, refuseUnready } from "../../../../tools/release/readiness";
import { stackSettings } from "../../../../tools/stack/settings";

const { schedule: _, ...settings } = stackSettings("dev");
const night = { days, from: "20:00", to: "06:00", timeZone: "UTC", min: 0, max: 0 };
const noon = { days, from: "12:00", to: "13:00", timeZone: "UTC", min: 8, max: 9 };
const at = (time: string) =>
  limitsOf(
    { ...settings, replicas: { min: 2, max: 9 }, schedule: { night, noon } },
    () => new Date(`2026-12-01T${time}Z`),
  );

describe("release: readiness", () => {
  for (const [time, replicas, isAsleep] of [
    ["11:59:59", 2, false],
    ["12:00:01", 2, false],
    ["12:06:59", 2, false],
    ["12:07:01", 8, false],
    ["13:00:01", 2, false],
    ["20:00:01", 0, true],
    ["06:00:01", 0, false],
    ["06:07:01", 2, false],
  ] as const)
    it(`at ${time} expects ${replicas} replicas${isAsleep ? ", by the schedule" : ""}`, () => {
      const limits = at(time);
      assert.deepEqual([limits.replicas(), limits.isAsleep()], [replicas, isAsleep]);
    });

  it("refuses a release while the schedule has 0 replicas", () => {
    assert.throws(() => refuseAsleep("dev", at("21:00:00")), /^Error: Stack dev has 0 replicas now, by its schedule/);
    refuseAsleep("dev", at("12:00:00"));
  });

  const fine = { variant: "green", firing: [], healthy: 2, requests: 100, errors: 100 };
  it("takes a variant that is healthy, whatever its requests were", () => {
    refuseUnready("dev", [fine], at("10:00:00"));
  });
  for (const [title, reading, expected] of [
    ["an alarm that fires", { firing: ["green-slow"] }, /^Error: green cannot take traffic: alarm green-slow fires\. /],
    ["no healthy replica", { healthy: 0 }, /^Error: green cannot take traffic: no replica is healthy\. /],
  ] as const)
    it(`refuses a variant with ${title}`, () =>
      assert.throws(() => refuseUnready("dev", [{ ...fine, ...reading }], at("10:00:00")), expected));
});
