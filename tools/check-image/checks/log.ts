import type { Check, Context } from "../context";
import { type Finding, ok, warning } from "../finding";

export const log: Check = {
  name: "log",
  needsServer: true,
  run: async ({ server, spec }) => logFindings(await server.container.log(), spec),
};

export function logFindings(text: string, { logFormat }: Pick<Context["spec"], "logFormat">): Finding[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0)
    return [
      warning("It printed nothing to stdout or stderr, so the log group will be empty. Log there, not to a file."),
    ];
  const json = lines.filter(isJsonObject).length;
  const count = `${lines.length} line${lines.length === 1 ? "" : "s"}`;
  if (logFormat === "ours") return [ok(`It prints ${count} of log.`)];
  if (json === lines.length && logFormat === "text")
    return [ok(`It prints ${count}, all JSON: CloudWatch can search their fields.`, { "container.logFormat": "json" })];
  if (json < lines.length && logFormat === "json")
    return [
      warning(`${lines.length - json} of ${count} are not JSON, and container.logFormat is json.`, {
        "container.logFormat": "text",
      }),
    ];
  return [ok(`It prints ${count} of log, as ${logFormat}.`)];
}

function isJsonObject(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
