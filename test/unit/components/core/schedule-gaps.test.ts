import assert from "node:assert/strict";
import { type Day, days, minutesToOtherBounds, transitions, type Window } from "../../../../components/core/schedule";

const usual = { min: 2, max: 8 };

const window = (from: string, to: string, on: readonly Day[] = days, timeZone = "UTC", bounds = { min: 0, max: 0 }) =>
  ({ days: on, from, to, timeZone, ...bounds }) satisfies Window;

describe("schedule: minutes to other bounds", () => {
  for (const [title, windows, expected] of [
    [
      "to the end of a window, and to its next start",
      { a: window("20:00", "06:30") },
      { "a-open": 630, "a-close": 810 },
    ],
    [
      "the shortest of all days",
      { a: window("20:00", "06:00", ["mon", "tue", "fri"]) },
      { "a-open": 600, "a-close": 14 * 60 },
    ],
    ["over the end of the week", { a: window("22:00", "23:00", ["sun"]) }, { "a-open": 60, "a-close": 167 * 60 }],
    [
      "to another window, but not to one with the same bounds",
      { a: window("08:00", "10:00"), b: window("10:00", "13:00"), c: window("14:00", "15:00", days, "UTC", usual) },
      { "a-open": 300, "b-open": 180, "b-close": 19 * 60, "c-open": 18 * 60, "c-close": 17 * 60 },
    ],
    [
      "a week where no bounds differ",
      { a: window("08:00", "10:00", days, "UTC", usual) },
      { "a-open": 10080, "a-close": 10080 },
    ],
    [
      "without the hour that spring skips on Sunday",
      { a: window("20:00", "06:00", ["sat"], "Europe/Berlin") },
      { "a-open": 540, "a-close": 158 * 60 },
    ],
    [
      "of two zones at the time of the year that brings them closest",
      {
        a: window("08:00", "10:00", ["mon"]),
        b: window("14:00", "15:00", ["mon"], "Europe/Berlin", { min: 1, max: 1 }),
      },
      // 14:00 in Berlin is 12:00 or 13:00 UTC; 15:00 is 13:00 or 14:00.
      { "a-open": 120, "a-close": 120, "b-open": 60, "b-close": 162 * 60 },
    ],
  ] as const)
    it(`gives those ${title}`, () => {
      const all = transitions(windows, usual);
      const found = Object.fromEntries(all.map((change) => [change.name, minutesToOtherBounds(change, all)]));
      assert.deepEqual(found, expected);
    });

  it("ends at the end of the skipped hour where it skips the next moment", () => {
    const all = transitions({ a: window("01:30", "02:45", ["sun"], "Europe/Berlin") }, usual);
    const [opens] = all;
    assert.ok(opens);
    // 02:00 is 03:00 on that day, when the usual bounds come.
    assert.equal(minutesToOtherBounds(opens, all), 30);
  });
});
