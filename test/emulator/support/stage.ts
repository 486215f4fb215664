import { cpSync } from "node:fs";
import { delimiter, join } from "node:path";
import { buildFakeProviders } from "../../engine/support/fake-providers";
import { Sandbox } from "../../engine/support/sandbox";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { temporaryFolder } from "../../support/folder";
import { Emulator, type OwnActions } from "./emulator";
import type { TierNeeds } from "./needs";

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
export const commandLimitMs = 420_000;

/** Stops something that was started. */
type Stop = () => unknown;
/** Registers it; the last one started is stopped first. */
export type Started = (stop: Stop) => void;

export interface KubeServer {
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
  stop(): unknown;
}

/** The parts of a tier that stand behind the APIs. */
export interface Cast {
  /** The API server behind every cluster of the account. */
  readonly kubernetes?: () => Promise<KubeServer>;
  /** AWS actions that the tier answers in place of the emulator. */
  readonly actions: (aws: Emulator, started: Started) => Promise<OwnActions>;
  /** Starts the controllers of the cluster. */
  readonly controllers?: (kube: KubernetesClient, aws: Emulator, started: Started) => Promise<void>;
  /** False for stacks that run in parallel with different provider settings, such as tags: the engine then starts the providers. */
  readonly sharesProviders: boolean;
}

/** An account, a copy of the project and, with Kubernetes, an API server. */
export class Stage {
  private constructor(
    readonly sandbox: Sandbox,
    readonly aws: Emulator,
    /** In suites with Kubernetes. */
    readonly kube: KubernetesClient | undefined,
    private readonly stops: readonly Stop[],
  ) {}

  static async open(needs: TierNeeds, cast: Cast): Promise<Stage> {
    const stops: Stop[] = [];
    try {
      return await Stage.start(needs, cast, stops);
    } catch (error) {
      await stopAll(stops);
      throw error;
    }
  }

  private static async start({ environment, provider }: TierNeeds, cast: Cast, stops: Stop[]): Promise<Stage> {
    const started: Started = (stop) => stops.unshift(stop);
    const folder = temporaryFolder("emulator");
    const server = await cast.kubernetes?.();
    started(() => server?.stop());
    const aws = await Emulator.start((emulator) => cast.actions(emulator, started), server?.client);
    started(() => aws.stop());
    const sandbox = await Sandbox.open({
      environment: {
        ...environment,
        PATH: [provider, environment.PATH].join(delimiter),
        FAKE_REGISTRY: aws.url,
        FAKE_KUBECONFIG: server?.kubeconfig,
        FAKE_TOKEN: server?.client.token,
      },
      bin: buildFakeProviders(folder, fakeProviders),
      attached: cast.sharesProviders ? providersOf(server !== undefined) : [],
      aws: aws.configuration,
      commandLimitMs,
    });
    started(() => sandbox.close());
    if (server) await cast.controllers?.(server.client, aws, started);
    return new Stage(sandbox, aws, server?.client, stops);
  }

  /** Creates a stack from the stack file of `like`, with these keys changed. */
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
