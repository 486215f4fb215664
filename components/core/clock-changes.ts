/** Hours of a local week that a zone's clock skips in spring or repeats in autumn, in minutes from Monday. */
export interface ChangedHours {
  readonly start: number;
  /** The first minute after them. */
  readonly end: number;
}

const minuteMs = 60_000;
const weekMinutes = 7 * 24 * 60;
const thursdayToMonday = 3 * 24 * 60;

/** A zone's rules may change, and the day of a change may move (Morocco's follows Ramadan). */
const firstYear = 2026;
const years = 10;

/** Minutes ahead of UTC, by the moment. */
export function offsetOf(timeZone: string): (moment: Date) => number {
  const zone = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  return (moment) => {
    const name = zone.formatToParts(moment).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const match = /GMT([+-])(\d\d):(\d\d)/.exec(name);
    return match ? Number(`${match[1]}1`) * (Number(match[2]) * 60 + Number(match[3])) : 0;
  };
}

/** The hours of all changes of ten years, each once. */
export function changedHours(timeZone: string): ChangedHours[] {
  const offset = offsetOf(timeZone);
  const at = (minute: number) => offset(new Date(minute * minuteMs));
  const first = Date.UTC(firstYear) / minuteMs;
  const last = Date.UTC(firstYear + years) / minuteMs;
  const found = new Map<string, ChangedHours>();
  for (let week = first; week < last; week += weekMinutes) {
    const [before, after] = [at(week), at(week + weekMinutes)];
    if (before === after) continue;
    const moment = firstWith((minute) => at(minute) === after, week, week + weekMinutes);
    const start = ofWeek(moment + Math.min(before, after));
    const hours = { start, end: start + Math.abs(after - before) };
    found.set(`${hours.start}-${hours.end}`, hours);
  }
  return [...found.values()];
}

/** The first minute in a span that has what the end of the span has and its start has not. */
function firstWith(has: (minute: number) => boolean, start: number, end: number): number {
  let [without, having] = [start, end];
  while (having - without > 1) {
    const middle = Math.floor((without + having) / 2);
    if (has(middle)) having = middle;
    else without = middle;
  }
  return having;
}

/** 1970 began on a Thursday. */
const ofWeek = (minute: number) => (minute + thursdayToMonday) % weekMinutes;
