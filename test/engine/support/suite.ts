import { findCli } from "./cli";
import { type OpenOptions, openSandbox } from "./open";
import type { Sandbox } from "./sandbox";

const cli = findCli();

export type OpenSandbox = (options?: OpenOptions) => Promise<Sandbox>;

/** A suite on the real engine. Without an engine its tests are skipped, with the reason in the title. */
export function describeWithEngine(title: string, body: (open: OpenSandbox) => void): void {
  if (!cli.found) {
    describe.skip(`${title} [skipped: ${cli.reason}]`, () => body(() => Promise.reject(new Error(cli.reason))));
    return;
  }
  const found = cli.environment;
  describe(title, function () {
    // Each command has its own limit and reports its output; this one only keeps the suite from hanging.
    this.timeout(900_000);
    const sandboxes: Sandbox[] = [];
    body(async (options) => {
      const sandbox = await openSandbox(found, options);
      sandboxes.push(sandbox);
      return sandbox;
    });
    // After the suite's own hooks, which still need the sandbox.
    after(() => {
      for (const sandbox of sandboxes) sandbox.close();
    });
  });
}
