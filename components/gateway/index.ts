import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { pinPriority } from "../core/rule-priority";
import type { ServiceSpec } from "../core/service-spec";
import { createAccessLogs } from "./access-logs";
import { type Action, createChecks, inOrder } from "./auth";
import { publish } from "./domain";
import type { Edge } from "./edge";
import { createListener, hidePaths } from "./listener";
import { createLoadBalancer, createSecurityGroup } from "./load-balancer";
import { createTargetGroup } from "./target-group";
import { createWaf } from "./waf";

export interface GatewayArgs extends Edge {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly gatewaySubnetIds: pulumi.Input<string[]>;
  };
  readonly spec: Pick<ServiceSpec, "port" | "paths" | "drain" | "logRetentionDays">;
  readonly clusterName: string;
  /** Tags that the controller that registers the replicas requires. */
  readonly groupTags: Readonly<Record<string, string>>;
}

export interface GatewayModel<V extends GatewayVariant> {
  readonly name: string;
  readonly variants: readonly V[];
}

export interface GatewayVariant {
  readonly name: string;
  /** The platform that registers its replicas. */
  readonly target: string;
}

/** The target group of a variant, and the header that reaches it. */
export interface Route {
  /** Resolves once the group is attached to the load balancer: AWS refuses a service on a group that is not. */
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  readonly loadBalancerArnSuffix: pulumi.Output<string>;
  /** Requests with this header reach this variant, independent of the weights. */
  readonly header: string;
}

/** What the traffic component needs of the load balancer. */
export interface Entrance {
  readonly loadBalancerArn: pulumi.Output<string>;
  readonly listenerArn: pulumi.Output<string>;
  /** The URL that callers use, once the rule that serves them exists. */
  publish(serving: pulumi.CustomResource): pulumi.Output<string>;
  /** The actions of a rule: callers are authenticated before the action. */
  checked(action: Action): Action[];
  readonly checksCallers: boolean;
  /** What a person needs to find it. */
  readonly outputs: Readonly<Record<string, pulumi.Output<string>>>;
}

/** A request with this header reaches the variant that it names, independent of the weights. */
const pinHeader = "x-variant";

/** The one load balancer of a stack. It stays when targets come and go. */
export class Gateway extends pulumi.ComponentResource {
  readonly securityGroupId: pulumi.Output<string>;
  /** With a domain. */
  readonly certificateArn?: pulumi.Output<string>;
  private readonly checks: ReturnType<typeof createChecks>;
  /** For the rules of the traffic component. */
  readonly entrance: Entrance;
  private readonly args: GatewayArgs;
  private readonly name: string;
  private readonly loadBalancer: aws.lb.LoadBalancer;
  private readonly listener: aws.lb.Listener;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Gateway", name, {}, opts);
    this.name = name;
    this.args = args;
    const inside = { parent: this };
    if (!args.domain) {
      pulumi.log.warn("there is no domain, so requests travel over plain HTTP: send nothing confidential", this);
    }
    const securityGroup = createSecurityGroup(name, args, inside);
    this.securityGroupId = securityGroup.id;
    const accessLogs = createAccessLogs(name, args, inside);
    this.loadBalancer = createLoadBalancer(name, { ...args, accessLogs }, securityGroup, inside);
    this.checks = createChecks(name, args, securityGroup, inside);
    const { logRetentionDays } = args.spec;
    const guards = createWaf(name, { waf: args.waf, logRetentionDays }, this.loadBalancer, inside);
    this.listener = createListener(name, this.loadBalancer, args.domain, { ...inside, dependsOn: guards });
    if (args.domain) this.certificateArn = this.listener.certificateArn.apply((arn) => arn ?? "");
    hidePaths(name, this.listener, inside);
    this.entrance = {
      loadBalancerArn: this.loadBalancer.arn,
      listenerArn: this.listener.arn,
      publish: (serving) => publish(name, args, this.loadBalancer, serving, inside),
      checked: (action) => inOrder([...this.checks, action]),
      checksCallers: this.checks.length > 0,
      outputs: accessLogs ? { accessLogs: accessLogs.location } : {},
    };
    this.registerOutputs({ dnsName: this.loadBalancer.dnsName });
  }

  /** A target group for each variant, attached by the rule that the pin header matches. */
  routes<V extends GatewayVariant>({ name: model, variants }: GatewayModel<V>): (V & Route)[] {
    return variants.map((variant) => this.attach(model, variant));
  }

  private attach<V extends GatewayVariant>(model: string, variant: V): V & Route {
    const inside = { parent: this };
    const name = `${this.name}-${variant.name}`;
    const group = createTargetGroup(name, { ...this.args, target: variant.target }, this.loadBalancer, inside);
    const pin = new aws.lb.ListenerRule(
      `${name}-pin`,
      {
        listenerArn: this.listener.arn,
        priority: pinPriority(model, variant.name),
        conditions: [{ httpHeader: { httpHeaderName: pinHeader, values: [variant.name] } }],
        actions: this.entrance.checked({ type: "forward", targetGroupArn: group.arn }),
      },
      inside,
    );
    return {
      ...variant,
      targetGroupArn: pulumi.all([group.arn, pin.id]).apply(([resolved]) => resolved),
      targetGroupArnSuffix: group.arnSuffix,
      loadBalancerArnSuffix: this.loadBalancer.arnSuffix,
      header: `${pinHeader}: ${variant.name}`,
    };
  }
}
