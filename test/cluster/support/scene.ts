import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Docker } from "../../../tools/start/docker";
import { type Engine, findEngine } from "../../container/support/engine";
import { clientOf } from "../../emulator/support/endpoint";
import { type TierNeeds, tierNeeds } from "../../emulator/support/needs";
import { commandLimitMs, Stage } from "../../emulator/support/stage";
import type { Sandbox } from "../../engine/support/sandbox";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { skippedSuite } from "../../support/skipped-suite";
import { Images } from "./images";
import { elbActions, LoadBalancer } from "./load-balancer";
import { KubeNode, missingKubeNode } from "./node";
import { PodTargets } from "./pods";
import { Tasks } from "./tasks";

/** Images are built and loaded before the first test. */
const startLimitMs = 20 * 60_000;

/** Everything that requests pass, and what decides where they go. */
export interface ClusterScene extends Pick<Stage, "sandbox" | "aws" | "createStack"> {
  readonly kube: KubernetesClient;
  readonly balancer: LoadBalancer;
  readonly tasks: Tasks;
  readonly node: KubeNode;
  readonly docker: Docker;
  /** Builds a version and makes it known to the node. */
  version(name: string, ...instructions: string[]): Promise<string>;
  /** The same with the image of a folder of examples/. */
  example(name: string, folder: string): Promise<string>;
}

/**
 * Shorter times, so that a case takes a minute. Their order stays: a slow request is under way for 3 s, less than a group's delay, and
 * an autoscaler reads the use of pods every 10 s, less than raised replicas are held.
 */
const shorter: readonly (readonly [file: string, from: string, to: string])[] = [
  ["components/core/service-spec.ts", "const usualDeregistration = 30", "const usualDeregistration = 6"],
  ["components/core/service-spec.ts", "interval: 10, timeout: 5, retries: 3", "interval: 6, timeout: 5, retries: 3"],
  ["components/core/service-spec.ts", "interval: 15, timeout: 5, retries: 3", "interval: 10, timeout: 5, retries: 3"],
  ["components/core/service-spec.ts", "const answering = 45", "const answering = 12"],
  ["components/eks-service/replicas.ts", "const rolloutSeconds = 600", "const rolloutSeconds = 60"],
  ["components/eks-service/rollout.ts", "const holdSeconds = 120", "const holdSeconds = 30"],
];

const shortened = new WeakSet<Sandbox>();

export function shorten(sandbox: Sandbox): void {
  if (shortened.has(sandbox)) return;
  shortened.add(sandbox);
  for (const [file, from, to] of shorter) sandbox.edit(file, from, to);
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Of all suites: a load balancer takes a minute to create. */
let opened: Promise<Opened | { readonly missing: string }> | undefined;

/** The scene, opened once, or the reason why there is none. */
async function openOnce(needs: TierNeeds): Promise<Opened | { readonly missing: string }> {
  const engine = await findEngine();
  return "missing" in engine ? { missing: `no Docker engine: ${engine.missing}` } : open(needs, engine);
}

after("ends what the requests passed", async function () {
  this.timeout(180_000);
  const found = await opened?.catch(() => undefined);
  if (found && "close" in found) await found.close();
});

/** A suite on one account, one node and one Docker engine, which all suites share; their tests build on each other. */
export function describeOnCluster(title: string, body: (scene: () => ClusterScene) => void): void {
  const found = tierNeeds(missingKubeNode());
  if ("missing" in found) {
    skippedSuite(title, found.missing, body);
    return;
  }
  describe(title, function () {
    this.timeout(commandLimitMs + 60_000);
    let scene: ClusterScene | undefined;
    before(async function () {
      this.timeout(startLimitMs);
      opened ??= openOnce(found);
      const made = await opened;
      if ("missing" in made) {
        console.log(`    skipped, ${made.missing}`);
        return this.skip();
      }
      scene = made.scene;
    });
    body(() => {
      if (scene === undefined) throw new Error("the scene has not been set");
      return scene;
    });
  });
}

/** How long AWS takes to spread a change, in scale with the shorter delays below: the program leaves it a margin of 5 s. */
const lagMs = 2_000;

/** Starts what stands behind the account, and the account. */
async function open(needs: TierNeeds, { docker, stop }: Engine) {
  const images = await Images.build(docker);
  const versions = new Map<string, string>();
  const made: { node?: KubeNode; balancer?: LoadBalancer; tasks?: Tasks } = {};
  const stage = await Stage.open(needs, {
    kubernetes: async () => {
      made.node = await KubeNode.start();
      return made.node;
    },
    actions: async (emulator, started) => {
      const balancer = await LoadBalancer.start(new ElasticLoadBalancingV2Client(emulator.client), versions, lagMs);
      started(() => balancer.stop());
      const tasks = await Tasks.start({ emulator, docker, balancer, versions });
      started(() => tasks.stop());
      Object.assign(made, { balancer, tasks });
      return { elbv2: elbActions(balancer), ecs: tasks.actions };
    },
    controllers: async (kube, aws, started) => {
      const elb = new ElasticLoadBalancingV2Client(clientOf(aws.urlOf("elbv2")));
      const pods = await PodTargets.start({ kube, elb, versions });
      started(() => pods.stop());
    },
    sharesProviders: true,
  });
  const { node, balancer, tasks } = made;
  const { kube, sandbox, aws } = stage;
  if (!node || !balancer || !tasks || !kube) throw new Error("a part of the scene has not started");
  const known = async (reference: string) => {
    await node.load(docker, reference);
    return reference;
  };
  const version: ClusterScene["version"] = async (...args) => known(await images.version(...args));
  const example: ClusterScene["example"] = async (...args) => known(await images.example(...args));
  const createStack: Stage["createStack"] = (...args) => stage.createStack(...args);
  const scene: ClusterScene = { sandbox, aws, createStack, kube, balancer, tasks, node, docker, version, example };
  const close = async () => {
    await stage.close();
    await stop();
  };
  return { scene, close };
}
