import { temporaryFolder } from "../../support/folder";
import { findCli } from "./cli";
import { buildFakeProviders, type Package } from "./fake-providers";
import { Sandbox } from "./sandbox";

const cli = findCli();
let bin: string | undefined;

/** Compiles the fake providers once for all sandboxes of this process. */
function fakeProviders(): string {
  if (bin === undefined) {
    bin = buildFakeProviders(temporaryFolder("fake-providers"));
  }
  return bin;
}

/** Providers that every stack on AWS uses. */
const shared: readonly Package[] = ["aws", "awsx", "docker-build", "eks", "kubernetes"];

interface SuiteOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** False for suites that run commands in parallel or test the providers: the engine then starts them. */
  readonly sharesProviders?: boolean;
}

export type OpenSandbox = (options?: SuiteOptions) => Promise<Sandbox>;

/** A suite on the real engine. Without an engine its tests are skipped, with the reason in the title. */
export function describeWithEngine(title: string, body: (open: OpenSandbox) => void): void {
  if (!cli.found) {
    describe.skip(`${title} [skipped: ${cli.reason}]`, () => body(() => Promise.reject(new Error(cli.reason))));
    return;
  }
  const found = cli.environment;
  describe(title, function () {
    // Each command has its own limit and reports its output; this one only keeps the suite from hanging.
    this.timeout(300_000);
    const sandboxes: Sandbox[] = [];
    body(async ({ environment, sharesProviders = true } = {}) => {
      const attached = sharesProviders ? shared : [];
      const sandbox = await Sandbox.open({ environment: { ...found, ...environment }, bin: fakeProviders(), attached });
      sandboxes.push(sandbox);
      return sandbox;
    });
    // After the suite's own hooks, which still need the sandbox.
    after(() => {
      for (const sandbox of sandboxes) sandbox.close();
    });
  });
}
