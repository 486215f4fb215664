import type { Result } from "../../engine/support/runner";
import { succeeds } from "../../engine/support/succeeds";
import { type ClusterScene, shorten } from "./scene";
import { until } from "./until";

type Keys = Record<string, unknown>;

export const to = (target: "ecs" | "eks" | "both"): Keys => ({ "inference:target": target });
export const weights = (ecs: number): Keys => ({ "inference:weights": { ecs, eks: 100 - ecs } });
export const withoutWeights: Keys = { "inference:weights": undefined };

export const usual: Keys = {
  // Four pods fit on a machine with two cores.
  "inference:replicas": { min: 2, max: 4 },
  "inference:cpu": 512,
  "inference:scaling": { scaleInCooldownSeconds: 5 },
  // Pods of a mix run only on nodes of its parts, and there is one node.
  "inference:spot": { onDemandWeight: 0, spotWeight: 1 },
  // A busy machine must not look like a lost request: the server refuses what it cannot answer in time.
  "inference:environment": { MAX_IN_FLIGHT: "4000" },
  "inference:container": undefined,
};

/** Scenes whose stack exists. */
const created = new WeakSet<ClusterScene>();

/** The stack of the scene, with short times, and its versions. */
export class ClusterStack {
  private readonly references = new Map<string, string>();

  constructor(private readonly scene: () => ClusterScene) {}

  /** Builds a version; `instructions` are further lines of its Dockerfile. */
  async build(name: string, ...instructions: string[]): Promise<void> {
    this.references.set(name, await this.scene().version(name, ...instructions));
  }

  /** Builds the image of a folder of examples/ as a version. */
  async buildExample(name: string, folder: string): Promise<void> {
    this.references.set(name, await this.scene().example(name, folder));
  }

  reference(name: string): string {
    const reference = this.references.get(name);
    if (reference === undefined) throw new Error(`the version ${name} has not been built`);
    return reference;
  }

  version(name: string): Keys {
    return { "inference:image": this.reference(name) };
  }

  /** Brings the stack to these keys, from nothing or from where the suite before it left it. */
  async start(keys: Keys): Promise<void> {
    const scene = this.scene();
    const all = { ...usual, ...withoutWeights, ...keys };
    if (!created.has(scene)) {
      shorten(scene.sandbox);
      await scene.createStack("dev", "dev", all);
      created.add(scene);
    }
    succeeds(await this.up(all));
    const answers = () => fetch(new URL("/health", scene.balancer.url)).then(({ ok }) => ok);
    await until("the stack answers", answers);
  }

  up(keys: Keys = {}): Promise<Result> {
    const { sandbox } = this.scene();
    sandbox.configure("dev", keys);
    return sandbox.up();
  }
}
