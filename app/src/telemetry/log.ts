import { pino } from "pino";
import type { Env } from "../env";

export type Log = ReturnType<typeof createLog>;

export function createLog(level: Env["logLevel"]) {
  const options = {
    level,
    base: undefined,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  // By default pino writes in the background, and an exit could lose the line with its reason.
  return pino(options, pino.destination({ sync: true }));
}
