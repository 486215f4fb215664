import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { changedHours } from "../../../../components/core/clock-changes";
import {
  awsCron,
  type Bounds,
  boundsAt,
  type Day,
  days,
  kubernetesCron,
  type Transition,
  transitions,
  type Window,
} from "../../../../components/core/schedule";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const usual = { min: 2, max: 8 };
const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;

const first = Date.UTC(2026, 0, 1) / minuteMs;
const yearMinutes = 365 * dayMinutes;

/** What a clock on the wall of a zone shows in each minute of 2026, in minutes since Monday; read once for each half hour. */
function wallClock(timeZone: string): Int16Array {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" });
  const shown = new Int16Array(yearMinutes);
  for (let half = 0; half < yearMinutes; half += 30) {
    const parts = format.formatToParts(new Date((first + half) * minuteMs));
    const { weekday, hour, minute } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
    const day = days.indexOf(String(weekday).toLowerCase() as Day);
    const start = day * dayMinutes + Number(hour) * 60 + Number(minute);
    for (let next = 0; next < 30; next++) shown[half + next] = (start + next) % weekMinutes;
  }
  return shown;
}

const known = new Map<string, Int16Array>();
function shownIn(timeZone: string): Int16Array {
  const shown = known.get(timeZone) ?? wallClock(timeZone);
  known.set(timeZone, shown);
  return shown;
}

/** What a platform does in a zone, by the minute of the week. */
type Actions = ReadonlyMap<number, Bounds>;

const names = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/** Reads either form of cron expression on its own. */
function minutesOf(expression: string): number[] {
  const [, minute, hour, on = ""] = expression.match(/^(?:cron\()?(\d+) (\d+) [?*] \* ([A-Z,]+)(?: \*\))?$/) ?? [];
  const minutes = on.split(",").map((day) => names.indexOf(day) * dayMinutes + Number(hour) * 60 + Number(minute));
  assert.ok(minutes.every(Number.isInteger), expression);
  return minutes;
}

/**
 * Which actions a platform takes at a minute. Kubernetes (robfig/cron 3.0.1, run against both changes of 2026 in four zones) acts whenever the clock shows the time:
 * not at all where it is skipped, twice where it is repeated. AWS documents neither; `once` is what EventBridge Scheduler documents, and
 * `late` moves a skipped action to the end of the gap.
 */
const platforms = {
  "Kubernetes CronJobs": { cron: kubernetesCron, once: false, late: false },
  "Application Auto Scaling, if it skips and acts once": { cron: awsCron, once: true, late: false },
  "Application Auto Scaling, if it acts late and once": { cron: awsCron, once: true, late: true },
} as const;

interface Year {
  /** Minutes at which the live bounds are not those of the clock. */
  readonly wrong: readonly number[];
  readonly repeated: ReadonlySet<number>;
}

/** Plays 2026 minute by minute. */
function play(
  windows: Readonly<Record<string, Window>>,
  changes: readonly Transition[],
  { cron, once, late }: (typeof platforms)[keyof typeof platforms],
): Year {
  const zones = [...new Set(Object.values(windows).map(({ timeZone }) => timeZone))].map((timeZone) => {
    const own = changes.filter((change) => change.timeZone === timeZone);
    const actions: Actions = new Map(own.flatMap((one) => minutesOf(cron(one)).map((minute) => [minute, one])));
    return { timeZone, shown: shownIn(timeZone), actions };
  });
  const clocks = Object.values(windows).map((window) => {
    return { window, open: openMinutes(window), shown: shownIn(window.timeZone) };
  });
  const wrong: number[] = [];
  const repeated = new Set<number>();
  let live: Bounds = boundsAt(windows, usual, new Date(first * minuteMs));
  for (let minute = 1; minute < yearMinutes; minute++) {
    for (const { shown, actions } of zones) {
      const [before = 0, now = 0] = [shown[minute - 1], shown[minute]];
      const jump = (now - before - 1 + weekMinutes) % weekMinutes;
      const isBack = jump > weekMinutes / 2;
      if (isBack) for (let again = 0; again < weekMinutes - jump; again++) repeated.add(minute + again);
      if (late && !isBack)
        for (let skipped = 1; skipped <= jump; skipped++) live = actions.get((before + skipped) % weekMinutes) ?? live;
      if (!once || !repeated.has(minute)) live = actions.get(now) ?? live;
    }
    const right = clocks.find(({ open, shown }) => open[shown[minute] ?? 0] === 1)?.window ?? usual;
    if (live.min !== right.min || live.max !== right.max) wrong.push(minute);
  }
  return { wrong, repeated };
}

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** What a person who looks at the clock on the wall expects: the minutes of the week in which a window is open. */
function openMinutes({ days: on, from, to }: Window): Uint8Array {
  const open = new Uint8Array(weekMinutes);
  const length = (minuteOf(to) - minuteOf(from) + dayMinutes - 1) % dayMinutes;
  for (const day of on)
    for (let passed = 0; passed <= length; passed++)
      open[(days.indexOf(day) * dayMinutes + minuteOf(from) + passed) % weekMinutes] = 1;
  return open;
}

const night = (from: string, to: string, timeZone: string, on: readonly Day[] = days): Window => ({
  days: on,
  from,
  to,
  timeZone,
  min: 0,
  max: 0,
});

const stacks: Readonly<Record<string, Readonly<Record<string, Window>>>> = {
  "every night in Berlin": { night: night("20:00", "07:00", "Europe/Berlin") },
  "nights that end in the hour that changes": { night: night("22:00", "02:30", "Europe/Berlin") },
  "nights that begin in it": { night: night("02:15", "06:00", "Europe/Berlin") },
  "nights that end when it begins and ends": {
    early: night("22:00", "02:00", "Europe/Berlin"),
    late: { ...night("03:00", "05:00", "Europe/Berlin"), max: 3 },
  },
  "a window inside it": { batch: { ...night("02:10", "02:50", "Europe/Berlin"), min: 6, max: 6 } },
  "New York, which skips another hour than it repeats": { night: night("21:00", "01:30", "America/New_York") },
  "New York's spring": { night: night("21:00", "02:30", "America/New_York") },
  "Santiago, which changes at midnight": { night: night("20:00", "24:00", "America/Santiago") },
  "Lord Howe, by half an hour": { night: night("22:00", "01:45", "Australia/Lord_Howe") },
  "Auckland, where summer is winter": { night: night("23:00", "02:30", "Pacific/Auckland") },
  "two zones": {
    berlin: night("22:00", "02:30", "Europe/Berlin", ["sat", "sun"]),
    tokyo: { ...night("12:00", "14:00", "Asia/Tokyo", ["sun"]), min: 1, max: 1 },
  },
};

describe("A year of windows with both changes of the clock", function () {
  this.timeout(60_000);
  for (const [platform, rules] of Object.entries(platforms)) {
    for (const [title, windows] of Object.entries(stacks)) {
      it(`${platform}: ${title} has its bounds, except in a repeated hour`, () => {
        const { wrong, repeated } = play(windows, transitions(windows, usual), rules);
        const others = wrong.filter((minute) => !repeated.has(minute));
        assert.deepEqual(others.map((minute) => new Date((first + minute) * minuteMs).toISOString()).slice(0, 3), []);
        assert.ok(wrong.length < 60, `${wrong.length} minutes`);
      });
    }
  }

  it("would be wrong for days without the action that follows the changed hour", () => {
    const windows = { night: night("22:00", "02:30", "Europe/Berlin", ["sat"]) };
    const all = transitions(windows, usual);
    const without = all.filter(({ name }) => !name.startsWith("clocks-"));
    assert.equal(all.length - without.length, 1);
    const { wrong } = play(windows, without, platforms["Kubernetes CronJobs"]);
    assert.ok(wrong.length > 6 * dayMinutes, `${wrong.length} minutes`);
  });
});

describe("The actions of the year", () => {
  const windows = { night: night("22:00", "02:30", "Europe/Berlin", ["sat"]) };
  const changes = transitions(windows, usual);
  let plan: PlanUnderTest;
  before(async function () {
    this.timeout(60_000);
    const eks = {
      jobImage: `public.ecr.aws/docker/library/node@sha256:${"a".repeat(64)}`,
      endpointCidrs: ["0.0.0.0/0"],
    };
    plan = await declaredStack("dev", { target: "both", replicas: usual, schedule: windows, eks });
  });

  it("are all declared on ECS", () => {
    const actions = plan.all("aws:appautoscaling/scheduledAction:ScheduledAction").map(({ inputs }) => {
      const { minCapacity, maxCapacity } = inputs.scalableTargetAction as { minCapacity: number; maxCapacity: number };
      return [inputs.schedule, inputs.timezone, minCapacity, maxCapacity];
    });
    const expected = changes.map((change) => [awsCron(change), change.timeZone, change.min, change.max]);
    assert.deepEqual(actions, expected);
  });

  it("are all declared on EKS", () => {
    const jobs = plan.all("kubernetes:batch/v1:CronJob").map(({ inputs }) => {
      const { schedule, timeZone, jobTemplate } = inputs.spec as types.output.batch.v1.CronJobSpec;
      const env = jobTemplate.spec.template.spec.containers[0]?.env ?? [];
      const set = (variable: string) => Number(env.find(({ name }) => name === variable)?.value);
      return [schedule, timeZone, set("MIN"), set("MAX")];
    });
    const expected = changes.map((change) => [kubernetesCron(change), change.timeZone, change.min, change.max]);
    assert.deepEqual(jobs, expected);
  });
});

describe("changedHours", () => {
  const at = (day: Day, time: string) => days.indexOf(day) * dayMinutes + minuteOf(time);
  for (const [zone, ...hours] of [
    ["UTC"],
    ["Asia/Kolkata"],
    ["Europe/Berlin", [at("sun", "02:00"), 60]],
    ["America/New_York", [at("sun", "02:00"), 60], [at("sun", "01:00"), 60]],
    ["America/Santiago", [at("sat", "23:00"), 60], [at("sun", "00:00"), 60]],
    ["Australia/Lord_Howe", [at("sun", "01:30"), 30], [at("sun", "02:00"), 30]],
  ] as const) {
    it(`knows those of ${zone}`, () => {
      const found = changedHours(zone).map(({ start, end }) => [start, end - start]);
      assert.deepEqual(new Set(found.map(String)), new Set(hours.map(String)));
    });
  }
});
