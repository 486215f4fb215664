import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { KubernetesClient } from "../standins/kubernetes-client";
import { findCli } from "../support/engine/cli";
import { Lab } from "../support/engine/lab";
import { buildStandIns } from "../support/engine/standins";
import { AutoMode } from "./auto-mode";
import { AwsProvider } from "./aws-provider";
import { Emulator, emulatorIsMissing } from "./emulator";
import { KubeApi, missingKubeApi } from "./kube-api";

/** The only providers that are stood in for: awsx and eks make their children with the real aws provider. */
const standIns = {
  awsx: "awsx",
  "docker-build": "docker-build-pushing",
  eks: "eks",
  kubernetes: "kubernetes-applying",
};

/** A load balancer takes a minute to create, a slow machine four times as long as a fast one. */
const commandLimitMs = 420_000;

export interface Scene {
  readonly lab: Lab;
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
  /** Stacks that run at the same time and are configured differently, by other tags say, need one each. */
  readonly sharesProvider: boolean;
}

/** An account, a copy of the project, and with Kubernetes a cluster's inside: each with the word that ends it. */
class Stage implements Scene {
  private readonly ends: (() => unknown)[] = [];
  private constructor(
    readonly lab: Lab,
    readonly aws: Emulator,
    readonly kube?: KubernetesClient,
  ) {}

  static async open({ environment, provider }: Needs, { withKubernetes, sharesProvider }: Wanted): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "emulator-"));
    const kubeApi = withKubernetes ? await KubeApi.start() : undefined;
    const aws = await Emulator.start(kubeApi?.client);
    const executable = join(provider, "pulumi-resource-aws");
    const awsProvider = sharesProvider ? await AwsProvider.start(executable, environment) : undefined;
    const lab = await Lab.open({
      environment: {
        ...environment,
        ...awsProvider?.environment,
        PATH: [provider, environment.PATH].join(delimiter),
        STANDIN_REGISTRY: aws.url,
        STANDIN_KUBECONFIG: kubeApi?.kubeconfig,
      },
      bin: buildStandIns(folder, standIns),
      aws: aws.configuration,
      commandLimitMs,
    });
    const stage = new Stage(lab, aws, kubeApi?.client);
    const autoMode = kubeApi && new AutoMode(kubeApi.client, aws);
    stage.ends.push(
      () => autoMode?.stop(),
      () => lab.close(),
      () => awsProvider?.stop(),
      () => aws.stop(),
      () => kubeApi?.stop(),
      () => rmSync(folder, { recursive: true, force: true }),
    );
    return stage;
  }

  async createStack(stack: string, like: "dev" | "prod", keys: Record<string, unknown> = {}): Promise<void> {
    const file = (name: string) => join(this.lab.project, `Pulumi.${name}.yaml`);
    if (stack !== like) cpSync(file(like), file(stack));
    await this.lab.createStack(stack, keys);
  }

  /** All of them, whatever one of them has to say. */
  async close(): Promise<void> {
    const problems: unknown[] = [];
    for (const end of this.ends) {
      try {
        await end();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
  }
}

/** One emulator and one copy of the project for a whole suite, whose cases build on each other. */
export function describeOnEmulator(
  title: string,
  body: (scene: () => Scene) => void,
  { withKubernetes = false, sharesProvider = true } = {},
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
      stage = await Stage.open(found, { withKubernetes, sharesProvider });
    });
    after(() => stage?.close());
    body(() => {
      if (stage === undefined) throw new Error("the emulator has not started");
      return stage;
    });
  });
}
