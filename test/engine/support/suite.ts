import { temporaryFolder } from "../../support/folder";
import { findCli } from "./cli";
import { buildFakeProviders, type Package } from "./fake-providers";
import { Sandbox } from "./sandbox";

const cli = findCli();
let bin: string | undefined;

/** The fake providers are built once, for all sandboxes of this process. */
function fakeProviders(): string {
  if (bin === undefined) {
    bin = buildFakeProviders(temporaryFolder("fake-providers"));
  }
  return bin;
}

/** What every stack on AWS is made of. */
const shared: readonly Package[] = ["aws", "awsx", "docker-build", "eks", "kubernetes"];

interface SuiteOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Commands that run at the same time, or that are about the providers, leave it to the engine to start them. */
  readonly sharesProviders?: boolean;
}

export type OpenSandbox = (options?: SuiteOptions) => Promise<Sandbox>;

/** A suite on the real engine. Where there is none its tests are reported as skipped, with the reason in its title. */
export function describeWithEngine(title: string, body: (open: OpenSandbox) => void): void {
  if (!cli.found) {
    describe.skip(`${title} [skipped: ${cli.reason}]`, () => body(() => Promise.reject(new Error(cli.reason))));
    return;
  }
  const found = cli.environment;
  describe(title, function () {
    // The longest command has its own limit and says what it did; this one only keeps the suite from hanging.
    this.timeout(300_000);
    const sandboxes: Sandbox[] = [];
    body(async ({ environment, sharesProviders = true } = {}) => {
      const attached = sharesProviders ? shared : [];
      const sandbox = await Sandbox.open({ environment: { ...found, ...environment }, bin: fakeProviders(), attached });
      sandboxes.push(sandbox);
      return sandbox;
    });
    // Last, so that what the suite itself tidies up still finds its sandbox.
    after(() => {
      for (const sandbox of sandboxes) sandbox.close();
    });
  });
}
