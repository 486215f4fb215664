import { days, minutesOf, parseTime, type Window } from "../core/schedule";

export interface QuietHours {
  readonly expression: string;
  readonly duration: string;
  readonly timezone: string;
}

/** From the end of a window until the replicas that scaling then asks for are healthy. */
const warmUpMinutes = 15;

/** The windows in which nothing may run, each as the schedule of a mute rule. */
export function quietHours(windows: Readonly<Record<string, Window>>): Record<string, QuietHours> {
  const zero = Object.entries(windows).filter(([, { min }]) => min === 0);
  return Object.fromEntries(zero.map(([name, window]) => [name, quiet(window)]));
}

function quiet(window: Window): QuietHours {
  const from = parseTime(window.from) ?? 0;
  const on = days.filter((day) => window.days.includes(day)).map((day) => day.toUpperCase());
  return {
    expression: `cron(${from % 60} ${Math.floor(from / 60)} * * ${on.join(",")})`,
    duration: `PT${minutesOf(window) + warmUpMinutes}M`,
    timezone: window.timeZone,
  };
}

/** The least that has to run at any hour at which something has to. */
export function fewestReplicas(usual: number, windows: Readonly<Record<string, Window>>): number {
  const minimums = Object.values(windows).map(({ min }) => min);
  return Math.min(usual, ...minimums.filter((min) => min > 0));
}
