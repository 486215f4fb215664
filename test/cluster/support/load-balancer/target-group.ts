import { isDeepStrictEqual } from "node:util";
import type { TargetAddress, TargetHealth } from ".";
import type { GroupSettings } from "./configuration";
import { Target } from "./target";

/** The targets of a group, and which of them gets the next request. */
export class TargetGroup {
  private registered: Target[] = [];
  private readonly draining = new Map<Target, NodeJS.Timeout>();
  private settings: GroupSettings | undefined;
  private turn = 0;
  /** Deregistered, but the nodes of the load balancer do not know yet. */
  private readonly stillUsed = new Set<Target>();

  constructor(
    private readonly idleMs: () => number,
    private readonly lagMs: number,
  ) {}

  get stickySeconds(): number | undefined {
    return this.settings?.stickySeconds;
  }

  /** A target that was registered again while it drained counts as the new one. */
  get health(): readonly TargetHealth[] {
    const leaving = [...this.draining.keys()].filter(({ address }) => !this.registered.some(isAt(address)));
    return [...this.registered, ...leaving].map(({ health }) => health);
  }

  configure(settings: GroupSettings): void {
    const checksChange = !isDeepStrictEqual(settings.check, this.settings?.check);
    this.settings = settings;
    if (checksChange) for (const target of this.registered) target.follow(settings.check);
  }

  register(addresses: readonly TargetAddress[]): void {
    for (const address of addresses) {
      if (this.registered.some(isAt(address))) continue;
      const target = new Target(address, this.idleMs);
      this.registered.push(target);
      target.follow(this.settings?.check);
    }
  }

  /** A target without open requests counts as draining until the delay is over, too (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay). */
  deregister(addresses: readonly TargetAddress[]): void {
    const used = this.eligible();
    for (const target of this.registered.filter(({ address }) => addresses.some((other) => same(address, other)))) {
      this.registered = this.registered.filter((other) => other !== target);
      target.drain();
      if (used.includes(target)) this.leaveLate(target);
      const end = () => {
        this.draining.delete(target);
        target.end("the deregistration delay of the target is over");
      };
      this.draining.set(target, setTimeout(end, this.settings?.deregistrationMs ?? 0).unref());
    }
  }

  private leaveLate(target: Target): void {
    if (this.lagMs === 0) return;
    this.stillUsed.add(target);
    setTimeout(() => this.stillUsed.delete(target), this.lagMs).unref();
  }

  /** The target of the sticky cookie if it can take requests, else the next one by the group's algorithm. */
  pick(sticky: string | undefined): Target | undefined {
    const targets = this.eligible();
    const stuck =
      this.stickySeconds === undefined ? undefined : targets.find(({ address }) => nameOf(address) === sticky);
    if (stuck || targets.length === 0) return stuck;
    this.turn = (this.turn + 1) % targets.length;
    const inTurn = [...targets.slice(this.turn), ...targets.slice(0, this.turn)];
    if (this.settings?.algorithm === "round_robin") return inTurn[0];
    return inTurn.reduce((least, other) => (other.outstanding < least.outstanding ? other : least));
  }

  stop(reason: string): void {
    for (const timer of this.draining.values()) clearTimeout(timer);
    for (const target of [...this.registered, ...this.draining.keys()]) target.end(reason);
    this.registered = [];
    this.draining.clear();
    this.stillUsed.clear();
  }

  /** With too few healthy targets all of them get requests (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html). */
  private eligible(): Target[] {
    const healthy = this.registered.filter(({ health }) => health.state === "healthy");
    const eligible = healthy.length < (this.settings?.minimumHealthy ?? 1) ? this.registered : healthy;
    return [...eligible, ...this.stillUsed];
  }
}

export const nameOf = ({ ip, port }: TargetAddress) => `${ip}:${port}`;

const same = (one: TargetAddress, other: TargetAddress) => nameOf(one) === nameOf(other);
const isAt = (address: TargetAddress) => (target: Target) => same(target.address, address);
