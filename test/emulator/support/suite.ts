import { cpSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findCli } from "../../engine/support/cli";
import { buildFakeProviders } from "../../engine/support/fake-providers";
import { Sandbox } from "../../engine/support/sandbox";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { temporaryFolder } from "../../support/folder";
import { AutoMode } from "./auto-mode";
import { Emulator, emulatorIsMissing } from "./emulator";
import { KubeApi, missingKubeApi } from "./kube-api";
import { looksASecond } from "./watched-up";

/** The only providers that are stood in for: awsx and eks make their children with the real aws provider. */
const fakeProviders = {
  awsx: "awsx",
  "docker-build": "docker-build-pushing",
  eks: "eks",
  kubernetes: "kubernetes-applying",
};

/** Without a cluster's inside the kubernetes fake provider has nobody to speak to. */
const providersOf = (withKubernetes: boolean) => [
  "aws",
  "awsx",
  "docker-build",
  "eks",
  ...(withKubernetes ? ["kubernetes"] : []),
];

/** A load balancer takes a minute to create, a slow machine four times as long as a fast one. */
const commandLimitMs = 420_000;

export interface Scene {
  readonly sandbox: Sandbox;
  readonly aws: Emulator;
  /** The API server behind every cluster of the account, where the suite asked for one. */
  readonly kube?: KubernetesClient;
  /** A stack like `like`, with the given keys on top. */
  createStack(stack: string, like: "dev" | "prod", keys?: Record<string, unknown>): Promise<void>;
}

const cli = findCli();

interface Needs {
  readonly environment: NodeJS.ProcessEnv;
  readonly provider: string;
}

/** The folder of the real provider, or why this tier cannot run. */
function requirements(withKubernetes: boolean): Needs | { missing: string } {
  if (!cli.found) return { missing: cli.reason };
  const provider = cli.environment.PULUMI_AWS_PLUGIN_DIR ?? "";
  if (!existsSync(join(provider, "pulumi-resource-aws"))) {
    return { missing: "no AWS provider: PULUMI_AWS_PLUGIN_DIR names no folder with pulumi-resource-aws" };
  }
  const missing = emulatorIsMissing() ?? (withKubernetes ? missingKubeApi() : undefined);
  return missing === undefined ? { environment: cli.environment, provider } : { missing };
}

interface Wanted {
  readonly withKubernetes: boolean;
  /** Stacks that run at the same time and are configured differently, by other tags say, leave it to the engine to start them. */
  readonly sharesProviders: boolean;
}

/** What ends something that was started. */
type End = () => unknown;

/** An account, a copy of the project, and with Kubernetes a cluster's inside: each with the word that ends it. */
class Stage implements Scene {
  private constructor(
    readonly sandbox: Sandbox,
    readonly aws: Emulator,
    readonly kube: KubernetesClient | undefined,
    private readonly ends: readonly End[],
  ) {}

  static async open(needs: Needs, wanted: Wanted): Promise<Stage> {
    const ends: End[] = [];
    try {
      return await Stage.raise(needs, wanted, ends);
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  private static async raise(
    { environment, provider }: Needs,
    { withKubernetes, sharesProviders }: Wanted,
    ends: End[],
  ): Promise<Stage> {
    const folder = temporaryFolder("emulator");
    const kubeApi = withKubernetes ? await KubeApi.start() : undefined;
    ends.unshift(() => kubeApi?.stop());
    const aws = await Emulator.start(kubeApi?.client);
    ends.unshift(() => aws.stop());
    const sandbox = await Sandbox.open({
      environment: {
        ...environment,
        PATH: [provider, environment.PATH].join(delimiter),
        FAKE_REGISTRY: aws.url,
        FAKE_KUBECONFIG: kubeApi?.kubeconfig,
        FAKE_TOKEN: kubeApi?.client.token,
      },
      bin: buildFakeProviders(folder, fakeProviders),
      attached: sharesProviders ? providersOf(withKubernetes) : [],
      aws: aws.configuration,
      commandLimitMs,
    });
    ends.unshift(() => sandbox.close());
    const autoMode = kubeApi && new AutoMode(kubeApi.client, aws);
    ends.unshift(() => autoMode?.stop());
    return new Stage(sandbox, aws, kubeApi?.client, ends);
  }

  async createStack(stack: string, like: "dev" | "prod", keys: Record<string, unknown> = {}): Promise<void> {
    const file = (name: string) => join(this.sandbox.project, `Pulumi.${name}.yaml`);
    if (stack !== like) cpSync(file(like), file(stack));
    await this.sandbox.createStack(stack, keys);
  }

  close(): Promise<void> {
    return endAll(this.ends);
  }
}

/** All of them, whatever one of them has to say. */
async function endAll(ends: readonly End[]): Promise<void> {
  const problems: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
}

/** One emulator and one copy of the project for a whole suite, whose cases build on each other. */
export function describeOnEmulator(
  title: string,
  body: (scene: () => Scene) => void,
  { withKubernetes = false, sharesProviders = true } = {},
): void {
  const found = requirements(withKubernetes);
  if ("missing" in found) {
    const none = () => {
      throw new Error(found.missing);
    };
    describe.skip(`${title} [skipped: ${found.missing}]`, () => body(none));
    return;
  }
  describe(title, function () {
    this.timeout(commandLimitMs + 60_000);
    let stage: Stage | undefined;
    before(async () => {
      stage = await Stage.open(found, { withKubernetes, sharesProviders });
    });
    after(() => {
      const looks = looksASecond();
      if (looks) console.log(`  ${title}: ${looks}`);
      return stage?.close();
    });
    body(() => {
      if (stage === undefined) throw new Error("the emulator has not started");
      return stage;
    });
  });
}
