import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AccessLog, type AccessLogEntry } from "./access-log";
import { type Configuration, readConfiguration } from "./configuration";
import { type End, forward } from "./forward";
import { fixedAnswer, ownAnswer, redirectAnswer } from "./own-answer";
import type { RuleAction } from "./rules";
import { Shares } from "./shares";
import { stickyCookies, stickyTarget } from "./sticky";
import { TargetGroup } from "./target-group";

export { elbActions } from "./actions";

export interface TargetAddress {
  readonly ip: string;
  readonly port: number;
}

export interface TargetHealth extends TargetAddress {
  /** `unused`: no listener uses the group. */
  readonly state: "initial" | "healthy" | "unhealthy" | "draining" | "unused";
  readonly reason?: string;
  readonly description?: string;
}

type Route = Pick<AccessLogEntry, "group" | "target" | "version">;

/** A read that failed is repeated after this time. */
const repeatMs = 200;

/** AWS accepts 64 KB of headers (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html). */
const maxHeaderSize = 65_536;

/**
 * Connections that wait to be accepted. On a busy machine the load comes in bursts, and the system drops what exceeds this number: Node's
 * default of 511 is too small for that.
 */
const backlog = 4096;

/** Serves what the ELB API holds, as an Application Load Balancer does. Its simplifications are listed in test/cluster/README.md. */
export class LoadBalancer {
  readonly answered = new AccessLog();
  private readonly groups = new Map<string, TargetGroup>();
  private readonly shares = new Shares();
  private readonly server = createServer({ maxHeaderSize, requestTimeout: 0 }, (request, response) => {
    void this.serve(request, response);
  });
  private reading: Promise<void> | undefined;
  private outdated = false;
  private stopped = false;

  private constructor(
    private readonly elb: ElasticLoadBalancingV2Client,
    private readonly versions: ReadonlyMap<string, string>,
    private configuration: Configuration,
    private readonly lagMs: number,
  ) {
    this.apply(configuration);
  }

  /**
   * `elb` reads the emulator itself. `versions` names what runs at an address. AWS takes seconds to tell its nodes of a changed rule or
   * of a target that leaves: requests go where they went before for `lagMs`.
   */
  static async start(
    elb: ElasticLoadBalancingV2Client,
    versions: ReadonlyMap<string, string> = new Map(),
    lagMs = 0,
  ): Promise<LoadBalancer> {
    const balancer = new LoadBalancer(elb, versions, await readConfiguration(elb), lagMs);
    balancer.server.listen({ port: 0, host: "127.0.0.1", backlog }).unref();
    await once(balancer.server, "listening");
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  register(group: string, targets: readonly TargetAddress[]): void {
    this.group(group).register(targets);
  }

  deregister(group: string, targets: readonly TargetAddress[]): void {
    this.group(group).deregister(targets);
  }

  healthOf(group: string): readonly TargetHealth[] {
    return this.groups.get(group)?.health ?? [];
  }

  /** Reads the configuration again. A read that is under way may have missed the change, so another one follows it. */
  changed(): void {
    this.outdated = true;
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const group of this.groups.values()) group.stop("the load balancer was stopped");
    this.server.close();
    this.server.closeAllConnections();
    await this.reading;
  }

  private async read(): Promise<void> {
    let printed = "";
    if (this.lagMs > 0) await sleep(this.lagMs);
    while (this.outdated && !this.stopped) {
      this.outdated = false;
      try {
        this.apply(await readConfiguration(this.elb));
        printed = "";
      } catch (error) {
        const text = `load balancer: could not read its configuration and keeps the last one: ${error}`;
        if (text !== printed) console.error(text);
        printed = text;
        this.outdated = true;
        await sleep(repeatMs);
      }
    }
  }

  private apply(configuration: Configuration): void {
    const deleted = [...this.configuration.groups.keys()].filter((arn) => !configuration.groups.has(arn));
    for (const arn of deleted) {
      this.groups.get(arn)?.stop("the target group was deleted");
      this.groups.delete(arn);
    }
    this.configuration = configuration;
    this.server.keepAliveTimeout = configuration.idleMs;
    for (const [arn, settings] of configuration.groups) this.group(arn).configure(settings);
  }

  private group(arn: string): TargetGroup {
    const found = this.groups.get(arn) ?? new TargetGroup(() => this.configuration.idleMs, this.lagMs);
    this.groups.set(arn, found);
    return found;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = Date.now();
    const began = performance.now();
    const rule = this.configuration.rules.find(({ matches }) => matches(request));
    const { route, end } = await this.answer(rule?.action, request, response);
    this.answered.add({ atMs, ...route, ...end, ms: performance.now() - began });
  }

  private async answer(
    action: RuleAction | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ route?: Route; end: End }> {
    if (action?.type === "forward") return this.toGroup(this.shares.next(action.groups), request, response);
    if (action?.type === "fixed") fixedAnswer(response, action.status, action.contentType, action.body);
    else if (action?.type === "redirect") redirectAnswer(response, action.status, action.location(request));
    else return { end: unavailable(response, "there is no HTTP listener") };
    return { end: { status: action.status } };
  }

  private async toGroup(arn: string | undefined, request: IncomingMessage, response: ServerResponse) {
    if (arn === undefined) return { end: unavailable(response, "all target groups of the rule have weight 0") };
    const group = this.group(arn);
    const target = group.pick(stickyTarget(request));
    if (!target)
      return { route: { group: arn }, end: unavailable(response, "the target group has no registered targets") };
    const { ip } = target.address;
    const route: Route = { group: arn, target: ip, version: this.versions.get(ip) };
    const cookies = stickyCookies(target.address, group.stickySeconds);
    return { route, end: await forward(request, response, target, this.configuration, cookies) };
  }
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-503-issues */
function unavailable(response: ServerResponse, reason: string): End {
  ownAnswer(response, 503);
  return { status: 503, reason };
}
