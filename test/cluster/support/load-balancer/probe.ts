import { request } from "node:http";
import type { TargetAddress } from ".";
import type { HealthCheck } from "./configuration";

export interface CheckFailure {
  readonly reason: string;
  readonly description: string;
}

/** One health check on a connection of its own. Returns undefined when it passed or was ended. */
export function probe(
  { ip, port: targetPort }: TargetAddress,
  { path, port = targetPort, timeoutMs, codes }: HealthCheck,
  ended: AbortSignal,
): Promise<CheckFailure | undefined> {
  const headers = { host: `${ip}:${port}`, "user-agent": "ELB-HealthChecker/2.0", connection: "close" };
  return new Promise((resolve) => {
    const call = request({ host: ip, port, path, headers, agent: false, signal: ended });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      call.destroy();
    }, timeoutMs).unref();
    call.on("close", () => clearTimeout(timer));
    call.on("response", ({ statusCode = 0 }) => {
      call.destroy();
      const description = `Health checks failed with these codes: [${statusCode}]`;
      resolve(accepts(codes, statusCode) ? undefined : { reason: "Target.ResponseCodeMismatch", description });
    });
    call.on("error", () => {
      if (ended.aborted) resolve(undefined);
      else if (late) resolve({ reason: "Target.Timeout", description: "Request timed out" });
      else resolve({ reason: "Target.FailedHealthChecks", description: "Health checks failed" });
    });
    call.end();
  });
}

/** `codes` is a list of codes and ranges, such as `200-299,304`. */
function accepts(codes: string, status: number): boolean {
  return codes.split(",").some((part) => {
    const [lowest, highest = lowest] = part.split("-").map(Number);
    return lowest !== undefined && highest !== undefined && lowest <= status && status <= highest;
  });
}
