import { type ChangedHours, changedHours, offsetOf } from "./clock-changes";

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** The smallest and the largest number of replicas. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Hours of the week in which the bounds of the replica count differ from the usual ones. */
export interface Window extends Bounds {
  readonly days: readonly Day[];
  /** "HH:MM" on each of the days. */
  readonly from: string;
  /** "HH:MM", on the next day when it is not after `from`; "24:00" is the end of the day. */
  readonly to: string;
  readonly timeZone: string;
}

/** The bounds that hold at every time: no window has fewer or more replicas. */
export const widestBounds = (usual: Bounds, windows: readonly Bounds[]): Bounds => ({
  min: Math.min(usual.min, ...windows.map(({ min }) => min)),
  max: Math.max(usual.max, ...windows.map(({ max }) => max)),
});

/** A moment of the week at which the bounds change. */
export interface Transition extends Bounds {
  readonly name: string;
  readonly days: readonly Day[];
  readonly time: string;
  readonly timeZone: string;
}

const minutesPerDay = 24 * 60;
const minutesPerWeek = 7 * minutesPerDay;
const wrap = (minute: number) => ((minute % minutesPerWeek) + minutesPerWeek) % minutesPerWeek;

export function parseTime(text: string): number | undefined {
  if (text === "24:00") return minutesPerDay;
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** AWS requires the exact spelling of a time zone; Node also accepts europe/berlin. */
export function isTimeZone(name: string): boolean {
  try {
    const { timeZone: known } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    if (known.toLowerCase() === name.toLowerCase()) return known === name && (name === "UTC" || name.includes("/"));
    // An older or newer name of a zone, which Node resolves to another name.
    return /^(Etc\/[A-Z]|[A-Z][a-z]+\/[A-Z][a-z])/.test(name) && !/\/[a-z]/.test(name);
  } catch {
    return false;
  }
}

/** How long a window stays open. */
export function minutesOf(window: Window): number {
  const from = parseTime(window.from) ?? 0;
  const to = parseTime(window.to) ?? 0;
  return to > from ? to - from : to - from + minutesPerDay;
}

/** What part of a week a window is open. */
export const shareOf = (window: Window) => (minutesOf(window) * window.days.length) / minutesPerWeek;

/** Starts and ends in minutes of the local week that begins on Monday. */
function spans(window: Window): { start: number; end: number }[] {
  const from = parseTime(window.from) ?? 0;
  const length = minutesOf(window);
  return window.days.map((day) => {
    const start = days.indexOf(day) * minutesPerDay + from;
    return { start, end: start + length };
  });
}

/** January and July show both offsets of a zone that changes its clocks. */
const offsetsMinutes = (timeZone: string): number[] =>
  [new Date(Date.UTC(2026, 0, 15)), new Date(Date.UTC(2026, 6, 15))].map(offsetOf(timeZone));

/** What to add to a time of the other zone to have it in the first one's, at any time of the year. */
const shiftsBetween = (one: string, other: string): number[] =>
  one === other ? [0] : offsetsMinutes(one).flatMap((a) => offsetsMinutes(other).map((b) => a - b));

const meet = (a: { start: number; end: number }, b: { start: number; end: number }) =>
  [-minutesPerWeek, 0, minutesPerWeek].some((shift) => a.start < b.end + shift && b.start + shift < a.end);

/** True when some moment of some week belongs to both. */
export function windowsOverlap(one: Window, other: Window): boolean {
  return shiftsBetween(one.timeZone, other.timeZone).some((shift) =>
    spans(one).some((a) => spans(other).some((b) => meet(a, { start: b.start + shift, end: b.end + shift }))),
  );
}

/** A moment on a zone's own clock: minutes of the local week that begins on Monday. */
function minuteOfWeek(moment: Date, timeZone: string): number {
  const clock = new Intl.DateTimeFormat("en", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, value]));
  const day = days.indexOf(parts.weekday?.toLowerCase() as Day);
  return day * minutesPerDay + Number(parts.hour) * 60 + Number(parts.minute);
}

/** The window that is open at a moment: from the minute of `from` up to the minute before `to`, by its zone's clock. */
function windowAt(windows: Readonly<Record<string, Window>>, moment: Date): Window | undefined {
  return Object.values(windows).find((window) => {
    const start = minuteOfWeek(moment, window.timeZone);
    return spans(window).some((span) => meet(span, { start, end: start + 1 }));
  });
}

/** While a version is proven: one replica in place of 0. */
export const awake = ({ min, max }: Bounds): Bounds => ({ min: Math.max(min, 1), max: Math.max(max, 1) });

/** The bounds of the replica count at a moment: those of the open window, or the usual ones. */
export function boundsAt(windows: Readonly<Record<string, Window>>, usual: Bounds, moment: Date): Bounds {
  const { min, max } = windowAt(windows, moment) ?? usual;
  return { min, max };
}

function group(name: string, moments: readonly number[], timeZone: string, bounds: Bounds) {
  const [first] = moments;
  if (first === undefined) return [];
  const minute = wrap(first) % minutesPerDay;
  const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const on = new Set(moments.map((moment) => days[Math.floor(wrap(moment) / minutesPerDay)]));
  const { min, max } = bounds;
  return [{ name, days: days.filter((day) => on.has(day)), time, timeZone, min, max }];
}

/**
 * Each window sets its bounds when it opens and the usual ones when it closes, unless another window opens at the
 * same time: two scheduled actions at the same time would race.
 */
export function transitions(windows: Readonly<Record<string, Window>>, usual: Bounds): Transition[] {
  const all = Object.entries(windows);
  const changes = all.flatMap(([name, window]) => {
    const opens = spans(window).map(({ start }) => start);
    const openedElsewhere = new Set(
      all
        .filter(([, other]) => other.timeZone === window.timeZone)
        .flatMap(([, other]) => spans(other).map(({ start }) => wrap(start))),
    );
    const closes = spans(window)
      .map(({ end }) => end)
      .filter((end) => !openedElsewhere.has(wrap(end)));
    const { timeZone } = window;
    return [...group(`${name}-open`, opens, timeZone, window), ...group(`${name}-close`, closes, timeZone, usual)];
  });
  return [...changes, ...afterChangedHours(windows, usual, changes)];
}

const momentsOf = ({ days: on, time }: Transition) =>
  on.map((day) => days.indexOf(day) * minutesPerDay + (parseTime(time) ?? 0));

const minuteAt = (start: number) => ({ start, end: start + 1 });

/**
 * A clock that goes forward never shows the time that it skips, and nothing happens then; where it goes back, the same time comes twice. So
 * the bounds are set once more when such hours are over, if a window begins or ends in them.
 */
function afterChangedHours(
  windows: Readonly<Record<string, Window>>,
  usual: Bounds,
  changes: readonly Transition[],
): Transition[] {
  const all = Object.values(windows);
  const zones = [...new Set(all.map(({ timeZone }) => timeZone))];
  return zones.flatMap((timeZone) => {
    const moments = changes.filter((one) => one.timeZone === timeZone).flatMap(momentsOf);
    const ends = changedHours(timeZone)
      .filter((hours) => moments.some((moment) => meet(hours, minuteAt(moment))))
      .map(({ end }) => wrap(end));
    return [...new Set(ends)]
      .filter((end) => !moments.includes(end))
      .flatMap((end) => again(end, timeZone, all, usual));
  });
}

function again(end: number, timeZone: string, windows: readonly Window[], usual: Bounds): Transition[] {
  const minute = { start: end, end: end + 1 };
  const inside = (window: Window, shift = 0) =>
    spans(window).some((span) => meet({ start: span.start + shift, end: span.end + shift }, minute));
  // A window of another zone may be open at this time in one half of the year only: then no bounds are right all year.
  const isElsewhere = windows.some(
    (window) =>
      window.timeZone !== timeZone && shiftsBetween(timeZone, window.timeZone).some((by) => inside(window, by)),
  );
  if (isElsewhere) return [];
  const open = windows.find((window) => window.timeZone === timeZone && inside(window));
  const name = `clocks-${timeZone.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${end}`;
  return group(name, [end], timeZone, open ?? usual);
}

/** From a transition to the next one with other bounds, in the week of the year that brings them closest; a week if there is none. */
export function minutesToOtherBounds(change: Transition, all: readonly Transition[]): number {
  const others = all.filter(({ min, max }) => min !== change.min || max !== change.max);
  const skipped = changedHours(change.timeZone);
  const gaps = others.flatMap((other) => {
    const shifts = shiftsBetween(change.timeZone, other.timeZone);
    // The shifts of another zone have both offsets already.
    const own = other.timeZone === change.timeZone ? skipped : [];
    const ahead = (moment: number, next: number) => wrap(next - moment) || minutesPerWeek;
    return momentsOf(change).flatMap((moment) =>
      momentsOf(other).flatMap((next) =>
        shifts.map((shift) => withoutSkipped(moment, ahead(moment, next + shift), own)),
      ),
    );
  });
  return Math.min(minutesPerWeek, ...gaps);
}

/** The real minutes after a moment where the clock skips some of them. */
function withoutSkipped(moment: number, minutes: number, skipped: readonly ChangedHours[]): number {
  const shortest = skipped.map(({ start, end }) => {
    const ahead = wrap(start - moment);
    return ahead > 0 && ahead < minutes ? Math.max(ahead, minutes - (end - start)) : minutes;
  });
  return Math.min(minutes, ...shortest);
}

/** Day and time in a cron expression. */
function cronParts({ days: on, time }: Transition) {
  const [hours, minutes] = time.split(":").map(Number);
  return { clock: `${minutes} ${hours}`, on: on.map((day) => day.toUpperCase()).join(",") };
}

/** The cron form of Application Auto Scaling. */
export function awsCron(transition: Transition): string {
  const { clock, on } = cronParts(transition);
  return `cron(${clock} ? * ${on} *)`;
}

/** The cron form of a Kubernetes CronJob. */
export function kubernetesCron(transition: Transition): string {
  const { clock, on } = cronParts(transition);
  return `${clock} * * ${on}`;
}
