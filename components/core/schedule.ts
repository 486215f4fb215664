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
function offsetsMinutes(timeZone: string): number[] {
  const zone = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  return [new Date(Date.UTC(2026, 0, 15)), new Date(Date.UTC(2026, 6, 15))].map((date) => {
    const name = zone.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const match = /GMT([+-])(\d\d):(\d\d)/.exec(name);
    return match ? Number(`${match[1]}1`) * (Number(match[2]) * 60 + Number(match[3])) : 0;
  });
}

const meet = (a: { start: number; end: number }, b: { start: number; end: number }) =>
  [-minutesPerWeek, 0, minutesPerWeek].some((shift) => a.start < b.end + shift && b.start + shift < a.end);

/** True when some moment of some week belongs to both. */
export function windowsOverlap(one: Window, other: Window): boolean {
  const shifts =
    one.timeZone === other.timeZone
      ? [0]
      : offsetsMinutes(one.timeZone).flatMap((a) => offsetsMinutes(other.timeZone).map((b) => a - b));
  return shifts.some((shift) =>
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

/** The bounds of the replica count at a moment: those of the open window, or the usual ones. */
export function boundsAt(windows: Readonly<Record<string, Window>>, usual: Bounds, moment: Date): Bounds {
  const { min, max } = windowAt(windows, moment) ?? usual;
  return { min, max };
}

function group(name: string, moments: readonly number[], window: Window, bounds: Bounds) {
  const [first] = moments;
  if (first === undefined) return [];
  const minute = wrap(first) % minutesPerDay;
  const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const on = new Set(moments.map((moment) => days[Math.floor(wrap(moment) / minutesPerDay)]));
  const { min, max } = bounds;
  return [{ name, days: days.filter((day) => on.has(day)), time, timeZone: window.timeZone, min, max }];
}

/**
 * Each window sets its bounds when it opens and the usual ones when it closes, unless another window opens at the
 * same time: two scheduled actions at the same time would race.
 */
export function transitions(windows: Readonly<Record<string, Window>>, usual: Bounds): Transition[] {
  const all = Object.entries(windows);
  return all.flatMap(([name, window]) => {
    const opens = spans(window).map(({ start }) => start);
    const openedElsewhere = new Set(
      all
        .filter(([, other]) => other.timeZone === window.timeZone)
        .flatMap(([, other]) => spans(other).map(({ start }) => wrap(start))),
    );
    const closes = spans(window)
      .map(({ end }) => end)
      .filter((end) => !openedElsewhere.has(wrap(end)));
    return [...group(`${name}-open`, opens, window, window), ...group(`${name}-close`, closes, window, usual)];
  });
}

/** The cron form of Application Auto Scaling. */
export function cron({ days: on, time }: Transition): string {
  const [hours, minutes] = time.split(":").map(Number);
  return `cron(${minutes} ${hours} ? * ${on.map((day) => day.toUpperCase()).join(",")} *)`;
}
