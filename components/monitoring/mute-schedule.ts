import { days, minutesOf, parseTime, type Window } from "../core/schedule";

/** As CloudWatch takes it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html */
export interface MuteSchedule {
  readonly expression: string;
  readonly duration: string;
  readonly timezone: string;
}

/** From the end of a window until the replicas that scaling then starts are healthy. */
const warmUpMinutes = 15;

/** One for each window with 0 replicas. */
export function muteSchedules(windows: Readonly<Record<string, Window>>): Record<string, MuteSchedule> {
  const zero = Object.entries(windows).filter(([, { min }]) => min === 0);
  return Object.fromEntries(zero.map(([name, window]) => [name, muteSchedule(window)]));
}

function muteSchedule(window: Window): MuteSchedule {
  const from = parseTime(window.from) ?? 0;
  const on = days.filter((day) => window.days.includes(day)).map((day) => day.toUpperCase());
  return {
    expression: `cron(${from % 60} ${Math.floor(from / 60)} * * ${on.join(",")})`,
    duration: `PT${minutesOf(window) + warmUpMinutes}M`,
    timezone: window.timeZone,
  };
}
