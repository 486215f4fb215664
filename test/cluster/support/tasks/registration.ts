import { setTimeout as sleep } from "node:timers/promises";
import type { LoadBalancer as ServiceLoadBalancer } from "@aws-sdk/client-ecs";
import type { Balancer } from "./surroundings";

const drainPollMs = 200;

/** A task in the target groups of its service. */
export class Registration {
  isRegistered = false;

  constructor(
    private readonly ip: string,
    private readonly targets: readonly ServiceLoadBalancer[],
    private readonly balancer: Balancer,
  ) {}

  register(): void {
    this.isRegistered = true;
    for (const { group, target } of this.addresses) this.balancer.register(group, [target]);
  }

  deregister(): void {
    if (!this.isRegistered) return;
    this.isRegistered = false;
    for (const { group, target } of this.addresses) this.balancer.deregister(group, [target]);
  }

  /** In the order of the groups; undefined where it is no target. */
  healths(): (ReturnType<Balancer["healthOf"]>[number] | undefined)[] {
    return this.addresses.map(({ group, target }) =>
      this.balancer.healthOf(group).find(({ ip, port }) => ip === target.ip && port === target.port),
    );
  }

  async untilDrained(): Promise<void> {
    while (this.healths().some((one) => one !== undefined)) await sleep(drainPollMs);
  }

  private get addresses() {
    return this.targets.map(({ targetGroupArn: group = "", containerPort: port = 0 }) => ({
      group,
      target: { ip: this.ip, port },
    }));
  }
}
