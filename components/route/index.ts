import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Entrance } from "../core/entrance";
import type { TrafficRoute } from "../core/traffic-route";
import type { Workload } from "../core/workload";
import { createTargetGroup, type TargetGroupArgs } from "./target-group";

export interface VariantRouteArgs extends Pick<TargetGroupArgs, "attachment"> {
  readonly workload: Workload;
  readonly network: { readonly vpcId: pulumi.Input<string> };
  readonly entrance: Entrance;
}

/** A request with this header reaches the variant that it names, independent of the weights. */
const variantHeader = "x-variant";

/**
 * The target group of one workload, attached to the load balancer by the listener rule for its variant header. It costs nothing.
 *
 * @example
 * const attachment = { replacementTrigger: "ecs", tags: {} };
 * const route = new VariantRoute("inference-ecs", { workload, network, entrance: gateway.entrance, attachment });
 */
export class VariantRoute extends pulumi.ComponentResource implements TrafficRoute {
  readonly workload: Workload;
  readonly header: string;
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  readonly loadBalancerArnSuffix: pulumi.Output<string>;

  constructor(name: string, args: VariantRouteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:VariantRoute", name, {}, opts);
    const inside = { parent: this };
    const { workload, network, entrance, attachment } = args;
    const { model, variant, spec } = workload;
    const group = createTargetGroup(name, { vpcId: network.vpcId, spec, attachment }, entrance, inside);
    const rule = new aws.lb.ListenerRule(
      `${name}-header`,
      {
        listenerArn: entrance.listenerArn,
        priority: entrance.priorities.header(model, variant),
        conditions: entrance.conditions({ header: { name: variantHeader, value: variant } }),
        actions: entrance.authenticated({ type: "forward", targetGroupArn: group.arn }),
      },
      inside,
    );
    this.workload = workload;
    this.header = `${variantHeader}: ${variant}`;
    this.targetGroupArn = pulumi.all([group.arn, rule.id]).apply(([arn]) => arn);
    this.targetGroupArnSuffix = group.arnSuffix;
    this.loadBalancerArnSuffix = pulumi.output(entrance.loadBalancer.arnSuffix);
    this.registerOutputs({ targetGroupArn: this.targetGroupArn });
  }
}
