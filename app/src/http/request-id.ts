import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The caller's own id when it is safe in a header and a log line, otherwise a new one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[\w.:=+/-]{1,128}$/.test(given) ? given : randomUUID();
}
