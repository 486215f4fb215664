import { setTimeout as sleep } from "node:timers/promises";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { Rollouts } from "./auto-mode-pods";
import { Bindings, bindingsPath } from "./bindings";
import type { Emulator } from "./emulator";
import { type Binding, list, settled } from "./kubernetes-objects";

/** A rollout takes about four rounds; shorter ones cost more CPU time than they save. */
const periodMs = 300;
/**
 * A fake of the controllers of EKS Auto Mode: it creates and deletes the pods of a deployment, registers the pods of a
 * TargetGroupBinding with its target group, and finishes deletions.
 */
export class AutoMode {
  private readonly bindings: Bindings;
  private readonly rollouts: Rollouts;
  private readonly printed = new Set<string>();
  private running = true;
  private readonly loop: Promise<void>;

  constructor(
    private readonly kube: KubernetesClient,
    emulator: Emulator,
  ) {
    this.bindings = new Bindings(kube, new ElasticLoadBalancingV2Client(emulator.client));
    this.rollouts = new Rollouts(kube);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  /** Like a controller, it retries in the next round. The error is printed, so that a test that hangs shows the cause. */
  private async run(): Promise<void> {
    for (; this.running; await sleep(periodMs)) {
      try {
        await this.rollouts.advance(await this.registerPods());
        await this.finishNamespaces();
      } catch (error) {
        const text = `fake Auto Mode: ${error instanceof Error ? error.message : error}`;
        if (!this.printed.has(text)) console.error(text);
        this.printed.add(text);
      }
    }
  }

  /** Returns the addresses that are registered afterwards. */
  private async registerPods(): Promise<ReadonlySet<string>> {
    const bindings = await list<Binding>(this.kube, bindingsPath);
    const registered = await Promise.all(bindings.map((binding) => this.bindings.follow(binding)));
    return new Set(registered.flat().flatMap(({ status }) => status.podIP ?? []));
  }

  /** Without a namespace controller, a deleted namespace would stay "Terminating". */
  private async finishNamespaces(): Promise<void> {
    const namespaces = await list<Binding>(this.kube, "/api/v1/namespaces");
    for (const { metadata, ...rest } of namespaces.filter((one) => one.metadata.deletionTimestamp)) {
      const finished = { ...rest, apiVersion: "v1", kind: "Namespace", metadata, spec: { finalizers: [] } };
      await settled(this.kube.send("PUT", `/api/v1/namespaces/${metadata.name}/finalize`, finished));
    }
  }
}
