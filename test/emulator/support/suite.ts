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
import { pollingRates } from "./watched-up";

/** Packages with a fake provider. The fakes of awsx and eks create their children through the real aws provider. */
const fakeProviders = {
  awsx: "awsx",
  "docker-build": "docker-build-pushing",
  eks: "eks",
  kubernetes: "kubernetes-applying",
};

/** The fake kubernetes provider needs an API server. */
const providersOf = (withKubernetes: boolean) => [
  "aws",
  "awsx",
  "docker-build",
  "eks",
  ...(withKubernetes ? ["kubernetes"] : []),
];

/** A load balancer takes a minute to create, and four on a slow machine. */
const commandLimitMs = 420_000;

export interface Scene {
  readonly sandbox: Sandbox;
  readonly aws: Emulator;
  /** The API server behind every cluster of the account, in suites with Kubernetes. */
  readonly kube?: KubernetesClient;
  /** Creates a stack from the stack file of `like`, with these keys changed. */
  createStack(stack: string, like: "dev" | "prod", keys?: Record<string, unknown>): Promise<void>;
}

const cli = findCli();

interface TierNeeds {
  readonly environment: NodeJS.ProcessEnv;
  readonly provider: string;
}

/** The folder of the real provider, or the reason why this tier cannot run. */
function requirements(withKubernetes: boolean): TierNeeds | { missing: string } {
  if (!cli.found) return { missing: cli.reason };
  const provider = cli.environment.PULUMI_AWS_PLUGIN_DIR ?? "";
  if (!existsSync(join(provider, "pulumi-resource-aws"))) {
    return { missing: "no AWS provider: PULUMI_AWS_PLUGIN_DIR names no folder with pulumi-resource-aws" };
  }
  const missing = emulatorIsMissing() ?? (withKubernetes ? missingKubeApi() : undefined);
  return missing === undefined ? { environment: cli.environment, provider } : { missing };
}

interface StageOptions {
  readonly withKubernetes: boolean;
  /** False for stacks that run in parallel with different provider settings, such as tags: the engine then starts the providers. */
  readonly sharesProviders: boolean;
}

/** Stops something that was started. */
type Stop = () => unknown;

/** An account, a copy of the project and, with Kubernetes, an API server. */
class Stage implements Scene {
  private constructor(
    readonly sandbox: Sandbox,
    readonly aws: Emulator,
    readonly kube: KubernetesClient | undefined,
    private readonly stops: readonly Stop[],
  ) {}

  static async open(needs: TierNeeds, options: StageOptions): Promise<Stage> {
    const stops: Stop[] = [];
    try {
      return await Stage.start(needs, options, stops);
    } catch (error) {
      await stopAll(stops);
      throw error;
    }
  }

  private static async start(
    { environment, provider }: TierNeeds,
    { withKubernetes, sharesProviders }: StageOptions,
    stops: Stop[],
  ): Promise<Stage> {
    const folder = temporaryFolder("emulator");
    const kubeApi = withKubernetes ? await KubeApi.start() : undefined;
    stops.unshift(() => kubeApi?.stop());
    const aws = await Emulator.start(kubeApi?.client);
    stops.unshift(() => aws.stop());
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
    stops.unshift(() => sandbox.close());
    const autoMode = kubeApi && new AutoMode(kubeApi.client, aws);
    stops.unshift(() => autoMode?.stop());
    return new Stage(sandbox, aws, kubeApi?.client, stops);
  }

  async createStack(stack: string, like: "dev" | "prod", keys: Record<string, unknown> = {}): Promise<void> {
    const file = (name: string) => join(this.sandbox.project, `Pulumi.${name}.yaml`);
    if (stack !== like) cpSync(file(like), file(stack));
    await this.sandbox.createStack(stack, keys);
  }

  close(): Promise<void> {
    return stopAll(this.stops);
  }
}

/** Calls all of them, also when one fails. */
async function stopAll(stops: readonly Stop[]): Promise<void> {
  const problems: unknown[] = [];
  for (const stop of stops) {
    try {
      await stop();
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
}

/** A suite with one emulator and one copy of the project; its tests build on each other. */
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
      const rates = pollingRates();
      if (rates) console.log(`  ${title}: ${rates}`);
      return stage?.close();
    });
    body(() => {
      if (stage === undefined) throw new Error("the emulator has not started");
      return stage;
    });
  });
}
