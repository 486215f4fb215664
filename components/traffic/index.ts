import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerApi, Weights } from "../aws/elb";
import { openPath } from "../core/container";
import type { Deployment } from "../core/deployment";
import type { Entrance, RuleAction } from "../core/entrance";
import type { TrafficRoute } from "../core/traffic-route";
import type { Workload } from "../core/workload";
import { checkOtherVariants } from "./other-variants";
import {
  type GainersReady,
  type Release,
  type ReleaseContext,
  returnCountsToAutoscaling,
  waitForDrain,
  waitForGainers,
} from "./release";
import { firstReplicas, gainsTraffic, type Share } from "./starting-replicas";
import { restoreWeights } from "./weights";

export interface TrafficArgs {
  readonly model: string;
  readonly entrance: Entrance;
  /** Of all the model's workloads. */
  readonly routes: readonly TrafficRoute[];
  readonly deployments: readonly Deployment[];
  readonly api: LoadBalancerApi;
}

interface RuleGate extends GainersReady {
  /** Resources that the rule depends on. */
  readonly resources: pulumi.Resource[];
}

/** The number of replicas that a new or replaced service of a workload starts with. A preview makes no calls. */
export function startingReplicas({ model, entrance, routes, api }: Omit<TrafficArgs, "deployments">) {
  const counts = pulumi.all([entrance.place, sharesOf(routes)]).apply(async ([place, shares]) => {
    const live = pulumi.runtime.isDryRun() ? undefined : await api.weights(place, entrance.priorities.public(model));
    return live && firstReplicas(shares, live, api, new Date());
  });
  return ({ id, spec }: Workload) => counts.apply((found) => found?.[id] ?? spec.replicas.min);
}

const sharesOf = (routes: readonly TrafficRoute[]): pulumi.Output<Share[]> =>
  pulumi.all(
    routes.map(({ workload: { id, variant, weight, spec }, targetGroupArn }) =>
      targetGroupArn.apply((arn) => ({ id, variant, weight, spec, targetGroupArn: arn })),
    ),
  );

/**
 * The public listener rule. It changes only once the variants that gain traffic are ready for it. It costs nothing.
 *
 * @example
 * const deployments = [...ecs.deployments, ...eks.deployments];
 * const { url } = new Traffic("inference", { model: "main", entrance: gateway.entrance, routes, deployments, api });
 */
export class Traffic extends pulumi.ComponentResource {
  /** Resolves once the rule has its weights. */
  readonly servedUrl: pulumi.Output<string>;
  /** Resolves once the losing target groups have drained and every variant with weight is healthy. */
  readonly url: pulumi.Output<string>;
  /** How to reach each variant and its replicas, for the stack output `variants`. */
  readonly variants: readonly VariantAccess[];
  private readonly context: ReleaseContext;

  constructor(
    name: string,
    private readonly args: TrafficArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("inference:aws:Traffic", name, {}, opts);
    const { entrance, routes, api } = args;
    const log = {
      info: (text: string) => pulumi.log.info(text, this),
      warn: (text: string) => pulumi.log.warn(text, this),
    };
    const delays = routes.map(({ workload }) => workload.spec.drain.deregistrationSeconds);
    this.context = { deregistrationSeconds: Math.max(0, ...delays), api, log };
    const ready = this.waitForGainers();
    const rule = this.createRules(
      name,
      ready.apply(({ resources }) => resources),
    );
    const done = this.finish(rule, ready);
    this.servedUrl = entrance.publish(rule);
    this.url = pulumi.all([this.servedUrl, done]).apply(([url]) => url);
    this.variants = routes.map((route) => accessOf(route, args.deployments));
    this.registerOutputs({ url: this.url });
  }

  /** Waits for the variants that gain traffic only. A preview makes no calls. */
  private waitForGainers(): pulumi.Output<RuleGate> {
    const { entrance, model, routes, deployments, api } = this.args;
    const resourcesOf = (some: readonly Pick<Workload, "id">[]) =>
      deployments.filter(({ workload }) => some.some(({ id }) => id === workload.id)).map(({ resource }) => resource);
    if (pulumi.runtime.isDryRun()) {
      const resources = resourcesOf(routes.map(({ workload }) => workload).filter(({ weight }) => weight > 0));
      return pulumi.output(true).apply((): RuleGate => ({ before: {}, holdSeconds: 0, resources }));
    }
    const asked = pulumi.all([entrance.place, sharesOf(routes)]).apply(async ([place, shares]) => {
      const liveWeights = () => api.weights(place, entrance.priorities.public(model));
      const live = await liveWeights();
      return { shares, liveWeights, gainers: shares.filter((share) => gainsTraffic(share, live)) };
    });
    return asked.apply(({ shares, liveWeights, gainers }) =>
      releasesOf(gainers, deployments).apply(async (releases): Promise<RuleGate> => {
        const ready = await waitForGainers(shares, releases, liveWeights, this.context);
        // Without a gaining variant the rule depends on all with weight, so `pulumi destroy` deletes it before their services.
        const waited = gainers.length > 0 ? gainers : shares.filter(({ weight }) => weight > 0);
        return { ...ready, resources: resourcesOf(waited) };
      }),
    );
  }

  private createRules(name: string, dependsOn: pulumi.Output<pulumi.Resource[]>): aws.lb.ListenerRule {
    const { entrance, model, routes } = this.args;
    const targetGroups = routes.map(({ targetGroupArn, workload: { weight } }) => ({ arn: targetGroupArn, weight }));
    const forward = { type: "forward", forward: { targetGroups } };
    const inside = { parent: this, dependsOn };
    const { priorities } = entrance;
    // The health check stays open to callers without credentials.
    if (entrance.requiresAuthentication) {
      const paths = [...new Set(routes.map(({ workload }) => openPath(workload.spec)))];
      createRule(`${name}-health`, entrance, priorities.health, paths, [forward], inside);
    }
    const actions = entrance.authenticated(forward);
    return createRule(`${name}-public`, entrance, priorities.public(model), ["/*"], actions, inside);
  }

  /** Runs after the rule has changed, so a failure here cannot stop the move of traffic. */
  private finish(rule: aws.lb.ListenerRule, ready: pulumi.Output<GainersReady>): pulumi.Output<void> {
    const { routes } = this.args;
    if (pulumi.runtime.isDryRun()) return rule.id.apply(() => {});
    const moved = pulumi.all([rule.arn, sharesOf(routes), ready]).apply(async ([ruleArn, shares, state]) => {
      const after = await restoreWeights(ruleArn, shares, this.context);
      await waitForDrain(state, after, this.context);
      return { shares, before: state.before };
    });
    return moved.apply(({ shares, before }) =>
      releasesOf(shares, this.args.deployments).apply((releases) => this.conclude(releases, before)),
    );
  }

  private async conclude(releases: readonly Release[], before: Weights): Promise<void> {
    const others = releases.filter(({ share }) => !gainsTraffic(share, before));
    const gainers = releases.filter((release) => !others.includes(release));
    await returnCountsToAutoscaling(gainers, this.context);
    try {
      await checkOtherVariants(others, before, this.context);
    } finally {
      // The check wakes a replica of each variant that a window keeps at 0.
      await returnCountsToAutoscaling(others, this.context);
    }
  }
}

/** One entry of the stack output `variants`. */
export interface VariantAccess {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
  /** The header that reaches it, independent of the weights. */
  readonly header: string;
  readonly targetGroupArn: pulumi.Output<string>;
  /** Commands and addresses of its deployment. */
  readonly [command: string]: string | number | pulumi.Output<string>;
}

function accessOf({ workload, header, targetGroupArn }: TrafficRoute, deployments: readonly Deployment[]) {
  const { id, variant, target, weight } = workload;
  const deployment = deployments.find((each) => each.workload.id === id);
  return { name: variant, target, weight, header, targetGroupArn, ...deployment?.access };
}

function releasesOf(shares: readonly Share[], deployments: readonly Deployment[]): pulumi.Output<Release[]> {
  const pairs = deployments.flatMap(({ workload, rollout: pending }) => {
    const share = shares.find(({ id }) => id === workload.id);
    return share ? [pending.apply((rollout) => ({ share, rollout }))] : [];
  });
  return pulumi.all(pairs);
}

function createRule(
  name: string,
  entrance: Entrance,
  priority: number,
  paths: string[],
  actions: RuleAction[],
  inside: pulumi.CustomResourceOptions,
) {
  const conditions = entrance.conditions({ paths });
  const { listenerArn } = entrance;
  return new aws.lb.ListenerRule(name, { listenerArn, priority, conditions, actions }, inside);
}
