import type { Problem } from "../core/problems";
import { days, isTimeZone, parseTime, type Window, windowsOverlap } from "../core/schedule";
import { entry } from "./entry";
import type { Values } from "./keys";
import { maximumReplicas } from "./replicas";
import { whenValid } from "./rule";
import { integer, list, object, oneOf, record, text } from "./schema";

const time = text('a time of day such as "08:30"', (value) => parseTime(value) !== undefined);

const window = object(
  {
    days: list(oneOf(days)),
    from: time,
    to: time,
    timeZone: text("an IANA time zone such as Europe/Berlin", isTimeZone),
    min: integer(0, maximumReplicas),
    max: integer(0, maximumReplicas),
  },
  { timeZone: "UTC" },
);
const windowName = {
  fits: /^[a-z][a-z0-9-]{0,31}$/,
  expected: "lower-case letters, digits and - in the name of a window",
};

const night = { days: ["mon", "tue", "wed", "thu", "fri"], from: "20:00", to: "07:00", timeZone: "Europe/Berlin" };

export const scheduleKeys = {
  schedule: entry({
    schema: record(windowName, window),
    fallback: {},
    text: "Windows of the week, by name, in which `replicas` has other bounds. A window whose `to` is before its `from` ends on the next day.",
    example: { schedule: { night: { ...night, min: 0, max: 0 } } },
  }),
};

export const scheduleRules = [
  whenValid({
    key: "schedule",
    fact: "A window names one or more days, each once, and starts at another time than it ends. `min` is at most `max`, and 0 only if `max` is 0 too: with no replica running, scaling has no metric to start one.",
    reads: ["schedule"],
    problems: ({ schedule }) => Object.entries(schedule).flatMap(([name, one]) => windowProblems(name, one)),
  }),
  whenValid({
    key: "schedule",
    fact: "Windows may touch, but not overlap.",
    reads: ["schedule"],
    problems: overlapProblems,
  }),
];

function windowProblems(name: string, { days: on, from, to, min, max }: Window): Problem[] {
  const key = `schedule.${name}`;
  const aboveMax = { key: `${key}.min`, value: min, expected: `at most the max of the window, which is ${max}` };
  // Scaling follows metrics of running replicas: without one, nothing starts the first (API reference, RegisterScalableTarget, MinCapacity).
  const atZero = {
    key: `${key}.min`,
    value: 0,
    expected: "at least 1, or 0 together with max 0: with no replica running, scaling has no metric to start one",
  };
  const eachOnce = { key: `${key}.days`, value: on, expected: `one or more of ${days.join(", ")}, each once` };
  const noHours = {
    key: `${key}.from`,
    value: from,
    expected: `a time from 00:00 to 23:59 that differs from to, which is ${to}`,
  };
  return [
    ...(min > max ? [aboveMax] : []),
    ...(min === 0 && max > 0 ? [atZero] : []),
    ...(on.length === 0 || new Set(on).size < on.length ? [eachOnce] : []),
    ...(from === to || from === "24:00" ? [noHours] : []),
  ];
}

/** A window with invalid times is not checked for overlaps. */
function overlapProblems({ schedule }: Pick<Values, "schedule">): Problem[] {
  const windows = Object.entries(schedule);
  if (windows.some(([name, one]) => windowProblems(name, one).length > 0)) return [];
  return windows.flatMap(([name, one], index) =>
    windows
      .slice(index + 1)
      .filter(([, other]) => windowsOverlap(one, other))
      .map(([other, value]) => ({
        key: `schedule.${other}`,
        value,
        expected: `hours that do not overlap with schedule.${name}`,
      })),
  );
}
