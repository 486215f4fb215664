import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { neededReplicas } from "./handover";
import type { LoadBalancerReader } from "./load-balancer-reader";
import { hiddenPathsPriority, pinPriority, publicPriority } from "./rule-priority";
import type { ServiceSpec } from "./service-spec";
import { settleAfter } from "./settled";

export interface GatewayArgs {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly publicSubnetIds: pulumi.Input<string[]>;
  };
  readonly ingressCidrs: readonly string[];
  readonly spec: Pick<ServiceSpec, "port" | "paths" | "drain" | "replicas">;
  readonly protect: boolean;
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
  /** What the variant starts with and has to reach before traffic comes: its minimum, or what the side it replaces runs now. */
  readonly firstReplicas: pulumi.Output<number>;
}

/** A variant that serves on its route. */
export interface Serving {
  readonly variant: string;
  /** Traffic moves once this resolves, and does not when it rejects. */
  readonly ready: pulumi.Output<pulumi.Resource>;
}

/** What a caller needs to know. */
export interface Address {
  readonly url: pulumi.Output<string>;
  readonly variants: readonly (GatewayVariant & { readonly header: string })[];
}

/** Callers name a variant in this header to reach that one, whatever the weights say. */
const pinHeader = "x-variant";

/** Answers that are for the platform, not for the public. Targets are probed directly. */
const hiddenPaths = ["/metrics", "/ready", "/ping"];

/** The one load balancer of a stack. It stays when targets come and go. */
export class Gateway extends pulumi.ComponentResource {
  readonly securityGroupId: pulumi.Output<string>;
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
    pulumi.log.warn("there is no domain, so requests travel over plain HTTP: send nothing confidential", this);
    const securityGroup = createSecurityGroup(name, args, inside);
    this.securityGroupId = securityGroup.id;
    this.loadBalancer = createLoadBalancer(name, args, securityGroup, inside);
    this.listener = createListener(name, this.loadBalancer, inside);
    hidePaths(name, this.listener, inside);
    this.registerOutputs({ dnsName: this.loadBalancer.dnsName });
  }

  /** A target group for each variant, attached by the rule that the pin header matches. */
  routes<V extends GatewayVariant>({ name: model, variants }: GatewayModel<V>): (V & Route)[] {
    const groups = variants.map((variant) => this.attach(model, variant));
    const arns = pulumi.all(groups.map(({ arn }) => arn));
    const needed = pulumi.all([this.listener.arn, arns]).apply(async ([listenerArn, resolved]) => {
      const minimum = this.args.spec.replicas.min;
      if (pulumi.runtime.isDryRun()) return variants.map(() => minimum);
      const live = await this.args.reader.weights(listenerArn, publicPriority(model));
      const declared = variants.map(({ weight }, index) => ({ arn: resolved[index] ?? "", weight }));
      return neededReplicas(declared, minimum, live, this.args.reader);
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
    const group = createTargetGroup(name, this.args, inside);
    const pin = new aws.lb.ListenerRule(
      `${name}-pin`,
      {
        listenerArn: this.listener.arn,
        priority: pinPriority(model, variant.name),
        conditions: [{ httpHeader: { httpHeaderName: pinHeader, values: [variant.name] } }],
        actions: [{ type: "forward", targetGroupArn: group.arn }],
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
    const rule = new aws.lb.ListenerRule(
      `${this.name}-public`,
      {
        listenerArn: this.listener.arn,
        priority: publicPriority(model),
        conditions: [{ pathPattern: { values: ["/*"] } }],
        actions: [{ type: "forward", forward: { targetGroups } }],
      },
      {
        parent: this,
        dependsOn: serving.map(({ ready }) => ready),
        hooks: { afterUpdate: [settleAfter(this.args.spec.drain)] },
      },
    );
    return {
      url: pulumi.all([this.loadBalancer.dnsName, rule.id]).apply(([dnsName]) => `http://${dnsName}`),
      variants: variants.map(({ name, target, weight }) => ({ name, target, weight, header: `${pinHeader}: ${name}` })),
    };
  }
}

function createSecurityGroup(name: string, { network, ingressCidrs }: GatewayArgs, inside: pulumi.ResourceOptions) {
  const group = new aws.ec2.SecurityGroup(
    `${name}-gateway`,
    { vpcId: network.vpcId, description: "Load balancer: who may call" },
    inside,
  );
  for (const cidrIpv4 of ingressCidrs) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-http-${cidrIpv4.replace(/[./]/g, "-")}`,
      { securityGroupId: group.id, cidrIpv4, ipProtocol: "tcp", fromPort: 80, toPort: 80, description: "Callers" },
      inside,
    );
  }
  return group;
}

function createLoadBalancer(
  name: string,
  { network, protect }: GatewayArgs,
  securityGroup: aws.ec2.SecurityGroup,
  inside: pulumi.ResourceOptions,
) {
  return new aws.lb.LoadBalancer(
    name,
    {
      loadBalancerType: "application",
      subnets: network.publicSubnetIds,
      securityGroups: [securityGroup.id],
      // Shorter than the server's keep-alive of 75 s, so that it is never the server that closes a connection in use.
      idleTimeout: 60,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: protect,
    },
    { ...inside, protect },
  );
}

const notFound = {
  type: "fixed-response",
  fixedResponse: { statusCode: "404", contentType: "application/json", messageBody: '{"code":"not_found"}' },
};

function createListener(name: string, loadBalancer: aws.lb.LoadBalancer, inside: pulumi.ResourceOptions) {
  return new aws.lb.Listener(
    `${name}-http`,
    { loadBalancerArn: loadBalancer.arn, port: 80, protocol: "HTTP", defaultActions: [notFound] },
    inside,
  );
}

function hidePaths(name: string, listener: aws.lb.Listener, inside: pulumi.ResourceOptions) {
  new aws.lb.ListenerRule(
    `${name}-hidden`,
    {
      listenerArn: listener.arn,
      priority: hiddenPathsPriority,
      conditions: [{ pathPattern: { values: hiddenPaths } }],
      actions: [notFound],
    },
    inside,
  );
}

function createTargetGroup(name: string, { network, spec, groupTags }: GatewayArgs, inside: pulumi.ResourceOptions) {
  return new aws.lb.TargetGroup(
    name,
    {
      vpcId: network.vpcId,
      targetType: "ip",
      protocol: "HTTP",
      port: spec.port,
      // Inference times vary with the picture: the replica with the fewest open requests answers first.
      loadBalancingAlgorithmType: "least_outstanding_requests",
      deregistrationDelay: spec.drain.deregistrationSeconds,
      healthCheck: {
        path: spec.paths.readiness,
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
      tags: { ...groupTags },
    },
    inside,
  );
}
