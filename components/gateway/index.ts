import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { neededReplicas } from "../handover";
import type { LoadBalancerReader } from "../load-balancer-reader";
import { pinPriority, publicPriority } from "../rule-priority";
import type { ServiceSpec } from "../service-spec";
import { settleAfter } from "../settled";
import { type AccessLogs, createAccessLogs } from "./access-logs";
import { createChecks, inOrder } from "./auth";
import { publish } from "./domain";
import type { Edge } from "./edge";
import { createListener, hidePaths, openHealth } from "./listener";
import { createLoadBalancer, createSecurityGroup } from "./load-balancer";
import { createTargetGroup } from "./target-group";
import { createWaf } from "./waf";

export interface GatewayArgs extends Edge {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly gatewaySubnetIds: pulumi.Input<string[]>;
  };
  readonly spec: Pick<ServiceSpec, "port" | "paths" | "drain" | "replicas" | "logRetentionDays">;
  /** Reads how traffic is divided before the update, to know how many replicas a newcomer has to replace. */
  readonly reader: LoadBalancerReader;
  /** Tags that whoever registers the replicas insists on. */
  readonly groupTags: Readonly<Record<string, string>>;
}

export interface GatewayModel<V extends GatewayVariant> {
  readonly name: string;
  readonly variants: readonly V[];
}

export interface GatewayVariant {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
}

/** Where a variant's replicas take their requests from. */
export interface Route {
  /** Resolves once the group is attached to the load balancer: AWS refuses a service on a group that is not. */
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  readonly loadBalancerArnSuffix: pulumi.Output<string>;
  /** What the variant starts with and has to reach before traffic comes: its minimum, or what serves now. */
  readonly firstReplicas: pulumi.Output<number>;
}

/** A variant that serves on its route. */
export interface Serving {
  readonly variant: string;
  /** Traffic moves once this resolves, and does not when it rejects. */
  readonly ready: pulumi.Output<pulumi.Resource>;
  /** Where its service is found, handed on to whoever asks for the variant. */
  readonly found: Readonly<Record<string, pulumi.Output<string>>>;
}

/** What a caller needs to know. */
export interface Address {
  readonly url: pulumi.Output<string>;
  readonly variants: readonly (GatewayVariant & { readonly header: string })[];
  /** Where lines about requests are kept, if they are. */
  readonly accessLogs?: pulumi.Output<string>;
}

/** Callers name a variant in this header to reach that one, whatever the weights say. */
const pinHeader = "x-variant";

/** The one load balancer of a stack. It stays when targets come and go. */
export class Gateway extends pulumi.ComponentResource {
  readonly securityGroupId: pulumi.Output<string>;
  /** With a domain. */
  readonly certificateArn?: pulumi.Output<string>;
  private readonly checks: ReturnType<typeof createChecks>;
  private readonly accessLogs?: AccessLogs;
  private readonly args: GatewayArgs;
  private readonly name: string;
  private readonly loadBalancer: aws.lb.LoadBalancer;
  private readonly listener: aws.lb.Listener;
  private readonly groups = new Map<string, { arn: pulumi.Output<string>; weight: number }>();

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
    this.accessLogs = createAccessLogs(name, args, inside);
    this.loadBalancer = createLoadBalancer(name, { ...args, accessLogs: this.accessLogs }, securityGroup, inside);
    this.checks = createChecks(name, args, securityGroup, inside);
    const { logRetentionDays } = args.spec;
    const guards = createWaf(name, { waf: args.waf, logRetentionDays }, this.loadBalancer, inside);
    this.listener = createListener(name, this.loadBalancer, args.domain, { ...inside, dependsOn: guards });
    if (args.domain) this.certificateArn = this.listener.certificateArn.apply((arn) => arn ?? "");
    hidePaths(name, this.listener, inside);
    this.registerOutputs({ dnsName: this.loadBalancer.dnsName });
  }

  /** A target group for each variant, attached by the rule that the pin header matches. */
  routes<V extends GatewayVariant>({ name: model, variants }: GatewayModel<V>): (V & Route)[] {
    const groups = variants.map((variant) => this.attach(model, variant));
    const arns = pulumi.all(groups.map(({ arn }) => arn));
    const needed = pulumi.all([this.loadBalancer.arn, arns]).apply(async ([loadBalancerArn, resolved]) => {
      const { replicas } = this.args.spec;
      if (pulumi.runtime.isDryRun()) return variants.map(() => replicas.min);
      const live = await this.args.reader.weights(loadBalancerArn, publicPriority(model));
      const declared = variants.map(({ name, weight, target }, index) => {
        return { name, arn: resolved[index] ?? "", weight, isToldHowMany: target === "ecs" };
      });
      return neededReplicas(declared, replicas, live, this.args.reader, (text) => pulumi.log.warn(text, this));
    });
    return groups.map(({ variant, arn, arnSuffix }, index) => ({
      ...variant,
      targetGroupArn: arn,
      targetGroupArnSuffix: arnSuffix,
      loadBalancerArnSuffix: this.loadBalancer.arnSuffix,
      firstReplicas: needed.apply((counts) => counts[index] ?? 0),
    }));
  }

  private attach<V extends GatewayVariant>(model: string, variant: V) {
    const inside = { parent: this };
    const name = `${this.name}-${variant.name}`;
    const group = createTargetGroup(name, this.args, this.loadBalancer, inside);
    const pin = new aws.lb.ListenerRule(
      `${name}-pin`,
      {
        listenerArn: this.listener.arn,
        priority: pinPriority(model, variant.name),
        conditions: [{ httpHeader: { httpHeaderName: pinHeader, values: [variant.name] } }],
        actions: inOrder([...this.checks, { type: "forward", targetGroupArn: group.arn }]),
      },
      inside,
    );
    const arn = pulumi.all([group.arn, pin.id]).apply(([resolved]) => resolved);
    this.groups.set(variant.name, { arn, weight: variant.weight });
    return { variant, arn, arnSuffix: group.arnSuffix };
  }

  /** The one rule that the public uses. The url resolves once traffic goes where the weights say and has left the rest. */
  traffic<V extends GatewayVariant>({ name: model, variants }: GatewayModel<V>, serving: readonly Serving[]): Address {
    const targetGroups = serving.flatMap(({ variant }) => this.groups.get(variant) ?? []);
    const forward = { type: "forward", forward: { targetGroups } };
    const ready = serving.map((one) => one.ready);
    const rule = new aws.lb.ListenerRule(
      `${this.name}-public`,
      {
        listenerArn: this.listener.arn,
        priority: publicPriority(model),
        conditions: [{ pathPattern: { values: ["/*"] } }],
        actions: inOrder([...this.checks, forward]),
      },
      { parent: this, dependsOn: ready, hooks: { afterUpdate: [settleAfter(this.args.spec.drain)] } },
    );
    if (this.checks.length > 0) openHealth(this.name, this.listener, forward, { parent: this, dependsOn: ready });
    return {
      url: publish(this.name, this.args, this.loadBalancer, rule, { parent: this }),
      ...(this.accessLogs && { accessLogs: this.accessLogs.location }),
      variants: variants.map(({ name, target, weight }) => ({
        name,
        target,
        weight,
        header: `${pinHeader}: ${name}`,
        targetGroupArn: this.groups.get(name)?.arn,
        ...serving.find(({ variant }) => variant === name)?.found,
      })),
    };
  }
}
