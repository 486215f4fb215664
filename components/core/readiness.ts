import { get } from "node:http";

const limitMs = 5000;

/**
 * Asks as the load balancer does, which takes 200 alone and follows no redirect. Undefined when it is ready, else what was answered.
 * Not with fetch: of a connection that is reset at once, as Docker does before the server listens, Node 20's never reports the end.
 */
export function askReadiness(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: limitMs }, ({ statusCode }) => {
      request.destroy();
      resolve(statusCode === 200 ? undefined : `answered ${statusCode}, and 200 is expected`);
    });
    request.on("timeout", () => request.destroy());
    // After destroy, too.
    request.on("close", () => resolve("was not answered"));
    request.on("error", () => {});
  });
}
