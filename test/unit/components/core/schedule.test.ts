import assert from "node:assert/strict";
import fc from "fast-check";
import {
  awsCron,
  boundsAt,
  type Day,
  days,
  isTimeZone,
  parseTime,
  transitions,
  type Window,
  windowsOverlap,
} from "../../../../components/core/schedule";

const usual = { min: 2, max: 8 };
const weekdays: readonly Day[] = ["mon", "tue", "wed", "thu", "fri"];

function window(from: string, to: string, on: readonly Day[] = ["mon"], timeZone = "UTC"): Window {
  return { days: on, from, to, timeZone, min: 0, max: 1 };
}

/** "name mon,tue 08:30 min..max" for each moment at which the bounds change. */
const moments = (windows: Record<string, Window>) =>
  transitions(windows, usual).map(({ name, days: on, time, min, max }) => `${name} ${on} ${time} ${min}..${max}`);

describe("schedule", () => {
  describe("a time of day", () => {
    for (const [text, minutes] of [
      ["00:00", 0],
      ["08:30", 510],
      ["23:59", 1439],
      ["24:00", 1440],
    ] as const) {
      it(`reads ${text}`, () => assert.equal(parseTime(text), minutes));
    }
    for (const text of ["24:01", "8:30", "08:60", "08.30", "0830", "", "-1:00", "08:30:00"]) {
      it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseTime(text), undefined));
    }
  });

  describe("a time zone", () => {
    for (const name of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Etc/GMT+1"]) {
      it(`knows ${name}`, () => assert.equal(isTimeZone(name), true));
    }
    for (const name of [
      "Berlin",
      "CET",
      "+02:00",
      "Europe/Berln",
      "",
      "europe/berlin",
      "EUROPE/BERLIN",
      "Asia/kolkata",
    ]) {
      it(`refuses ${JSON.stringify(name)}, which AWS or nobody knows`, () => assert.equal(isTimeZone(name), false));
    }
  });

  describe("transitions", () => {
    it("set the window's bounds when it opens and the usual ones when it closes", () =>
      assert.deepEqual(moments({ office: window("08:00", "18:30", weekdays) }), [
        "office-open mon,tue,wed,thu,fri 08:00 0..1",
        "office-close mon,tue,wed,thu,fri 18:30 2..8",
      ]));

    it("close on the day after when the window crosses midnight", () =>
      assert.deepEqual(moments({ night: window("20:00", "07:00", ["mon", "tue"]) }), [
        "night-open mon,tue 20:00 0..1",
        "night-close tue,wed 07:00 2..8",
      ]));

    it("close on Monday when the window crosses the week's end", () =>
      assert.deepEqual(moments({ night: window("22:00", "06:00", ["sun"]) }), [
        "night-open sun 22:00 0..1",
        "night-close mon 06:00 2..8",
      ]));

    it("close at 00:00 of the next day when the window ends at 24:00", () =>
      assert.deepEqual(moments({ late: window("20:00", "24:00", ["sun"]) }), [
        "late-open sun 20:00 0..1",
        "late-close mon 00:00 2..8",
      ]));

    it("have one action at the moment where windows touch, the one that opens", () =>
      assert.deepEqual(moments({ a: window("08:00", "12:00"), b: window("12:00", "18:00") }), [
        "a-open mon 08:00 0..1",
        "b-open mon 12:00 0..1",
        "b-close mon 18:00 2..8",
      ]));

    it("keep the closings of the other days where windows touch on some only", () =>
      assert.deepEqual(moments({ a: window("08:00", "12:00", ["mon", "tue"]), b: window("12:00", "18:00", ["tue"]) }), [
        "a-open mon,tue 08:00 0..1",
        "a-close mon 12:00 2..8",
        "b-open tue 12:00 0..1",
        "b-close tue 18:00 2..8",
      ]));

    it("touch across the week's end too", () =>
      assert.deepEqual(moments({ a: window("18:00", "24:00", ["sun"]), b: window("00:00", "06:00", ["mon"]) }), [
        "a-open sun 18:00 0..1",
        "b-open mon 00:00 0..1",
        "b-close mon 06:00 2..8",
      ]));

    it("never close a window that follows itself round the clock", () =>
      assert.deepEqual(moments({ always: window("00:00", "24:00", days) }), [
        "always-open mon,tue,wed,thu,fri,sat,sun 00:00 0..1",
      ]));

    it("are none without a window", () => assert.deepEqual(moments({}), []));

    it("have names of their own, for one action each on AWS", () => {
      const names = transitions({ a: window("01:00", "02:00"), "a-open": window("03:00", "04:00") }, usual).map(
        ({ name }) => name,
      );
      assert.equal(new Set(names).size, names.length);
    });
  });

  describe("boundsAt", () => {
    const night = { night: { ...window("20:00", "06:30", ["mon"], "Europe/Berlin"), min: 0, max: 0 } };
    const at = (windows: Record<string, Window>, moment: string) => {
      const { min, max } = boundsAt(windows, usual, new Date(moment));
      return `${min}..${max}`;
    };
    for (const [title, windows, moment, expected] of [
      ["the usual ones without a window", {}, "2026-01-05T12:00:00Z", "2..8"],
      ["the usual ones a minute before a window opens", night, "2026-01-05T18:59:59Z", "2..8"],
      ["the window's when it opens", night, "2026-01-05T19:00:00Z", "0..0"],
      ["the window's after midnight", night, "2026-01-06T05:29:59Z", "0..0"],
      ["the usual ones when it closes", night, "2026-01-06T05:30:00Z", "2..8"],
      ["the window's an hour earlier in summer", night, "2026-07-06T18:00:00Z", "0..0"],
      ["the usual ones an hour earlier in summer", night, "2026-07-07T04:30:00Z", "2..8"],
      ["the usual ones on another day", night, "2026-01-06T19:00:00Z", "2..8"],
      ["the window's past the week's end", { w: window("22:00", "06:00", ["sun"]) }, "2026-01-05T05:59:00Z", "0..1"],
      ["the window's up to 24:00", { w: window("20:00", "24:00", ["mon"]) }, "2026-01-05T23:59:59Z", "0..1"],
      ["the usual ones from 24:00 on", { w: window("20:00", "24:00", ["mon"]) }, "2026-01-06T00:00:00Z", "2..8"],
      [
        "the second window's where two touch",
        { a: window("08:00", "12:00"), b: { ...window("12:00", "13:00"), max: 3 } },
        "2026-01-05T12:00:00Z",
        "0..3",
      ],
      [
        "the window's in a zone of half hours",
        { w: window("00:00", "01:00", ["tue"], "Asia/Kolkata") },
        "2026-01-05T18:30:00Z",
        "0..1",
      ],
      [
        "the window's after the hour that spring skips",
        { w: window("02:30", "04:00", ["sun"], "Europe/Berlin") },
        "2026-03-29T01:00:00Z",
        "0..1",
      ],
      [
        "the usual ones before the hour that spring skips",
        { w: window("02:30", "04:00", ["sun"], "Europe/Berlin") },
        "2026-03-29T00:59:00Z",
        "2..8",
      ],
      [
        "the window's through the hour that autumn repeats",
        { w: window("01:00", "04:00", ["sun"], "Europe/Berlin") },
        "2026-10-25T01:30:00Z",
        "0..1",
      ],
      [
        "the usual ones at its end after that hour",
        { w: window("01:00", "04:00", ["sun"], "Europe/Berlin") },
        "2026-10-25T03:00:00Z",
        "2..8",
      ],
    ] as const) {
      it(`gives ${title}`, () => assert.equal(at(windows, moment), expected));
    }

    it("agrees with the bounds that the latest transition set", () => {
      const windows = {
        a: { ...window("20:00", "06:00", ["fri", "sat"]), max: 5 },
        b: window("06:00", "09:00", ["sun"]),
      };
      const monday = Date.UTC(2026, 0, 5);
      const actions = transitions(windows, usual)
        .flatMap(({ days: on, time, min, max }) =>
          on.map((day) => ({ at: days.indexOf(day) * 1440 + (parseTime(time) ?? 0), bounds: { min, max } })),
        )
        .sort((one, other) => one.at - other.at);
      for (let minute = 0; minute < 7 * 1440; minute += 15) {
        const last = actions.filter(({ at: moment }) => moment <= minute).at(-1) ?? actions.at(-1);
        assert.deepEqual(boundsAt(windows, usual, new Date(monday + minute * 60_000)), last?.bounds);
      }
    });
  });

  it("reads as a cron expression of Application Auto Scaling", () => {
    const [open] = transitions({ w: window("08:05", "18:00", ["sat", "mon"]) }, usual);
    assert.equal(open && awsCron(open), "cron(5 8 ? * MON,SAT *)");
  });

  describe("overlap", () => {
    for (const [title, one, other, meet] of [
      ["hours within hours", window("08:00", "18:00"), window("10:00", "11:00"), true],
      ["the same hours", window("08:00", "18:00"), window("08:00", "18:00"), true],
      ["hours that touch", window("08:00", "12:00"), window("12:00", "18:00"), false],
      ["the same hours of other days", window("08:00", "18:00"), window("08:00", "18:00", ["tue"]), false],
      ["a night and the next morning", window("22:00", "06:00"), window("05:00", "07:00", ["tue"]), true],
      ["a night and the morning before", window("22:00", "06:00"), window("05:00", "07:00"), false],
      ["Sunday night and Monday morning", window("22:00", "06:00", ["sun"]), window("05:00", "07:00"), true],
      ["Sunday until 24:00 and Monday from 00:00", window("20:00", "24:00", ["sun"]), window("00:00", "01:00"), false],
      [
        "08:00 in New York and 13:30 in UTC, which are an hour apart in winter only",
        window("08:00", "08:45", ["mon"], "America/New_York"),
        window("13:30", "14:00"),
        true,
      ],
      [
        "08:00 in New York and 12:15 in UTC, which meet in summer only",
        window("08:00", "08:45", ["mon"], "America/New_York"),
        window("12:15", "12:30"),
        true,
      ],
      [
        "08:00 in New York and 16:00 in UTC, which never meet",
        window("08:00", "08:45", ["mon"], "America/New_York"),
        window("16:00", "17:00"),
        false,
      ],
      [
        "Monday morning in Auckland and Sunday evening in UTC",
        window("07:00", "08:00", ["mon"], "Pacific/Auckland"),
        window("18:00", "21:00", ["sun"]),
        true,
      ],
      ["a zone of half hours", window("05:30", "06:00", ["mon"], "Asia/Kolkata"), window("00:00", "00:30"), true],
      [
        "the last minutes of Kolkata's hour",
        window("05:30", "06:00", ["mon"], "Asia/Kolkata"),
        window("00:30", "01:00"),
        false,
      ],
    ] as const) {
      it(`${meet ? "finds" : "does not see one between"} ${title}`, () => {
        assert.equal(windowsOverlap(one, other), meet);
        assert.equal(windowsOverlap(other, one), meet);
      });
    }

    it("agrees with counting minutes", () => {
      const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
        const hours = String(Math.floor(quarter / 4)).padStart(2, "0");
        return `${hours}:${String((quarter % 4) * 15).padStart(2, "0")}`;
      });
      const any = fc
        .record({ from: time, to: time, on: fc.subarray([...days], { minLength: 1 }) })
        .filter(({ from, to }) => from !== to)
        .map(({ from, to, on }) => window(from, to, on));
      fc.assert(
        fc.property(any, any, (one, other) => {
          const shared = quartersOf(one).some((quarter) => quartersOf(other).includes(quarter));
          assert.equal(windowsOverlap(one, other), shared);
        }),
      );
    });
  });
});

/** The quarter hours of the week in which a window is open, walked one by one. */
function quartersOf({ days: on, from, to }: Window): number[] {
  const quarter = (time: string) => Number(time.slice(0, 2)) * 4 + Number(time.slice(3)) / 15;
  return on.flatMap((day) => {
    const open: number[] = [];
    for (let at = quarter(from); at % 96 !== quarter(to) || open.length === 0; at++) {
      open.push((days.indexOf(day) * 96 + at) % 672);
    }
    return open;
  });
}
