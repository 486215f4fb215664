import { temporaryFolder } from "../../support/folder";
import { buildFakeProviders, type Package } from "./fake-providers";
import { Sandbox } from "./sandbox";

let bin: string | undefined;

/** Compiles the fake providers once for all sandboxes of this process. */
function fakeProviders(): string {
  bin ??= buildFakeProviders(temporaryFolder("fake-providers"));
  return bin;
}

/** Providers that every stack on AWS uses. */
const shared: readonly Package[] = ["aws", "awsx", "docker-build", "eks", "kubernetes"];

export interface OpenOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** False for suites that run commands in parallel or test the providers: the engine then starts them. */
  readonly sharesProviders?: boolean;
  /** For a script that runs several commands of the CLI. */
  readonly commandLimitMs?: number;
}

/** A sandbox with the CLI of this environment. */
export function openSandbox(
  cli: NodeJS.ProcessEnv,
  { environment, sharesProviders = true, commandLimitMs }: OpenOptions = {},
): Promise<Sandbox> {
  const attached = sharesProviders ? shared : [];
  return Sandbox.open({ environment: { ...cli, ...environment }, bin: fakeProviders(), attached, commandLimitMs });
}
