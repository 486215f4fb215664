import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerApi, Weights } from "../aws/elb";
import type { Rollout } from "../core/rollout";
import { healthPriority, publicPriority } from "../core/rule-priority";
import type { ServiceSpec } from "../core/service-spec";
import { judge, warnOfUnproven } from "./judge";
import { giveBack, type Opened, open, type Release, type Surroundings, settle } from "./release";
import { firstReplicas, gainsTraffic, type VariantWeight } from "./starting-replicas";
import { correct } from "./weights";

/** A variant's weight, its header and the target group of its replicas. */
export interface TrafficRoute {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
  readonly header: string;
  readonly targetGroupArn: pulumi.Output<string>;
}

/** A variant on its platform. */
export interface Deployment {
  readonly variant: string;
  /** Must exist before traffic moves. */
  readonly resource: pulumi.Resource;
  readonly rollout: pulumi.Output<Rollout>;
  /** Commands and addresses of its service, for the stack output `variants`. */
  readonly access: Readonly<Record<string, pulumi.Output<string>>>;
}

interface Gate extends Opened {
  /** Resources that the rule depends on. */
  readonly resources: pulumi.Resource[];
}

type Action = aws.types.input.lb.ListenerRuleAction;

export interface TrafficArgs {
  readonly model: string;
  readonly entrance: {
    readonly loadBalancerArn: pulumi.Output<string>;
    readonly listenerArn: pulumi.Output<string>;
    publish(serving: pulumi.CustomResource): pulumi.Output<string>;
    checked(action: Action): Action[];
    readonly checksCallers: boolean;
    /** What a person needs to find it. */
    readonly outputs: Readonly<Record<string, pulumi.Output<string>>>;
  };
  readonly routes: readonly TrafficRoute[];
  readonly services: readonly { readonly running: readonly Deployment[] }[];
  readonly spec: Pick<ServiceSpec, "replicas" | "schedule" | "drain">;
  readonly api: LoadBalancerApi;
}

interface StartArgs<R extends TrafficRoute> extends Pick<TrafficArgs, "model" | "entrance" | "spec" | "api"> {
  readonly routes: readonly R[];
}

/** Adds the number of replicas that a new or replaced variant starts with. A preview makes no calls. */
export function withFirstReplicas<R extends TrafficRoute>({ model, entrance, routes, spec, api }: StartArgs<R>) {
  const counts = pulumi.all([entrance.loadBalancerArn, resolved(routes)]).apply(async ([balancer, variants]) => {
    const live = pulumi.runtime.isDryRun() ? undefined : await api.weights(balancer, publicPriority(model));
    return live && firstReplicas(variants, spec, live, api, new Date());
  });
  return routes.map((route) => {
    return { ...route, firstReplicas: counts.apply((found) => found?.[route.name] ?? spec.replicas.min) };
  });
}

const resolved = (routes: readonly TrafficRoute[]): pulumi.Output<VariantWeight[]> =>
  pulumi.all(
    routes.map(({ name, target, weight, targetGroupArn }) =>
      pulumi.output(targetGroupArn).apply((arn) => ({ name, target, weight, targetGroupArn: arn })),
    ),
  );

/** The public listener rule. It changes only once the variants that gain traffic are ready for it. */
export class Traffic extends pulumi.ComponentResource {
  /** Resolves once the rule has its weights. */
  readonly servedUrl: pulumi.Output<string>;
  /** Resolves once the losing target groups have drained and every variant with weight is healthy. */
  readonly url: pulumi.Output<string>;
  /** The stack outputs for callers. */
  readonly outputs: Readonly<Record<string, unknown>>;
  private readonly around: Surroundings;
  private readonly deployments: readonly Deployment[];

  constructor(
    name: string,
    private readonly args: TrafficArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("inference:aws:Traffic", name, {}, opts);
    const { entrance, spec, api } = args;
    const log = {
      info: (text: string) => pulumi.log.info(text, this),
      warn: (text: string) => pulumi.log.warn(text, this),
    };
    this.around = { spec, api, log };
    this.deployments = args.services.flatMap(({ running }) => running);
    const opened = this.open();
    const rule = this.createRules(
      name,
      opened.apply(({ resources }) => resources),
    );
    const done = this.finish(rule, opened);
    this.servedUrl = entrance.publish(rule);
    this.url = pulumi.all([this.servedUrl, done]).apply(([url]) => url);
    this.outputs = { url: this.url, ...entrance.outputs, variants: this.describe() };
    this.registerOutputs({ url: this.url });
  }

  /** Waits for the variants that gain traffic only. A preview makes no calls. */
  private open(): pulumi.Output<Gate> {
    const { entrance, model, routes, api } = this.args;
    const resourcesOf = (some: readonly { name: string }[]) =>
      this.deployments
        .filter(({ variant }) => some.some(({ name }) => name === variant))
        .map(({ resource }) => resource);
    if (pulumi.runtime.isDryRun()) {
      const resources = resourcesOf(routes.filter(({ weight }) => weight > 0));
      return pulumi.output(true).apply((): Gate => ({ before: {}, holdSeconds: 0, resources }));
    }
    const asked = pulumi.all([entrance.loadBalancerArn, resolved(routes)]).apply(async ([balancer, variants]) => {
      const liveWeights = () => api.weights(balancer, publicPriority(model));
      const live = await liveWeights();
      return { variants, liveWeights, gainers: variants.filter((variant) => gainsTraffic(variant, live)) };
    });
    return asked.apply(({ variants, liveWeights, gainers }) =>
      releasesOf(gainers, this.deployments).apply(async (releases): Promise<Gate> => {
        const opened = await open(variants, releases, liveWeights, this.around);
        return { ...opened, resources: resourcesOf(gainers) };
      }),
    );
  }

  private createRules(name: string, dependsOn: pulumi.Output<pulumi.Resource[]>): aws.lb.ListenerRule {
    const { entrance, model, routes } = this.args;
    const targetGroups = routes.map(({ targetGroupArn, weight }) => ({ arn: targetGroupArn, weight }));
    const forward = { type: "forward", forward: { targetGroups } };
    const inside = { parent: this, dependsOn };
    // Whether it is well may be asked without a name, also of a stack that asks everybody else for theirs.
    if (entrance.checksCallers) createRule(`${name}-health`, entrance, healthPriority, ["/health"], [forward], inside);
    const actions = entrance.checked(forward);
    return createRule(`${name}-public`, entrance, publicPriority(model), ["/*"], actions, inside);
  }

  /** Everything that follows the rule's change: nothing of it can keep traffic where it was. */
  private finish(rule: aws.lb.ListenerRule, opened: pulumi.Output<Opened>): pulumi.Output<void> {
    const { routes } = this.args;
    if (pulumi.runtime.isDryRun()) return rule.id.apply(() => {});
    const moved = pulumi.all([rule.arn, resolved(routes), opened]).apply(async ([ruleArn, variants, state]) => {
      const after = await correct(ruleArn, variants, this.around);
      await settle(state, after, this.around);
      return { variants, before: state.before };
    });
    return moved.apply(({ variants, before }) =>
      releasesOf(variants, this.deployments).apply((releases) => this.conclude(releases, before)),
    );
  }

  private async conclude(releases: readonly Release[], before: Weights): Promise<void> {
    await giveBack(releases, this.around);
    const others = releases.filter(({ variant }) => !gainsTraffic(variant, before));
    await judge(others, before, this.around);
    await warnOfUnproven(releases, this.around);
  }

  private describe() {
    return this.args.routes.map(({ name, target, weight, header, targetGroupArn }) => ({
      name,
      target,
      weight,
      header,
      targetGroupArn,
      ...this.deployments.find(({ variant }) => variant === name)?.access,
    }));
  }
}

function releasesOf(variants: readonly VariantWeight[], deployments: readonly Deployment[]): pulumi.Output<Release[]> {
  const pairs = deployments.flatMap((deployment) => {
    const variant = variants.find(({ name }) => name === deployment.variant);
    return variant ? [deployment.rollout.apply((rollout) => ({ variant, rollout }))] : [];
  });
  return pulumi.all(pairs);
}

function createRule(
  name: string,
  { listenerArn }: TrafficArgs["entrance"],
  priority: number,
  paths: string[],
  actions: Action[],
  inside: pulumi.CustomResourceOptions,
) {
  const conditions = [{ pathPattern: { values: paths } }];
  return new aws.lb.ListenerRule(name, { listenerArn, priority, conditions, actions }, inside);
}
