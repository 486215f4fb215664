import { Agent, type ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { TargetAddress, TargetHealth } from ".";
import type { HealthCheck } from "./configuration";
import { probe } from "./probe";

type Judgement = Pick<TargetHealth, "state" | "reason" | "description">;

/** Reasons: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
const unused: Judgement = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target group is not configured to receive traffic from the load balancer",
};
const initial: Judgement = {
  state: "initial",
  reason: "Elb.InitialHealthChecking",
  description: "Initial health checks in progress",
};
const draining: Judgement = {
  state: "draining",
  reason: "Target.DeregistrationInProgress",
  description: "Target deregistration is in progress",
};

/**
 * Idle connections stay for the load balancer's idle timeout, whatever a target announces in `Keep-Alive`: a target that closes one
 * sooner causes 502 (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues).
 */
class Connections extends Agent {
  constructor(private readonly idleMs: () => number) {
    super({ keepAlive: true });
  }

  override keepSocketAlive(socket: Socket): boolean {
    socket.unref().setTimeout(this.idleMs());
    socket.on("timeout", socket.destroy);
    return true;
  }

  override reuseSocket(socket: Socket, request: ClientRequest): void {
    socket.off("timeout", socket.destroy);
    super.reuseSocket(socket, request);
  }
}

/** A registered target: its health, its connections and its open requests. */
export class Target {
  readonly connections: Agent;
  private judgement = unused;
  private inARow = { passed: true, count: 0 };
  private checking = new AbortController();
  private readonly open = new Set<(reason: string) => void>();

  constructor(
    readonly address: TargetAddress,
    idleMs: () => number,
  ) {
    this.connections = new Connections(idleMs);
  }

  get health(): TargetHealth {
    return { ...this.address, ...this.judgement };
  }

  get outstanding(): number {
    return this.open.size;
  }

  /** Counts a request as open until the returned function is called; `cut` must end it. */
  begin(cut: (reason: string) => void): () => void {
    this.open.add(cut);
    return () => {
      this.open.delete(cut);
      if (this.judgement === draining && this.open.size === 0) this.connections.destroy();
    };
  }

  /** Checks from now on as `check` says; without one the target is unused. */
  follow(check: HealthCheck | undefined): void {
    if (this.judgement === draining) return;
    this.checking.abort();
    this.checking = new AbortController();
    if (check === undefined) {
      this.judgement = unused;
      return;
    }
    if (this.judgement === unused) this.judgement = initial;
    void this.keepChecking(check, this.checking.signal);
  }

  /** Takes no new request from now on. */
  drain(): void {
    this.checking.abort();
    this.judgement = draining;
    if (this.open.size === 0) this.connections.destroy();
  }

  /** Ends checks, requests and connections. */
  end(reason: string): void {
    this.checking.abort();
    for (const cut of [...this.open]) cut(reason);
    this.connections.destroy();
  }

  private async keepChecking(check: HealthCheck, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const began = performance.now();
      const failure = await probe(this.address, check, ended);
      if (ended.aborted) return;
      this.count(check, failure);
      const ms = Math.max(0, began + check.intervalMs - performance.now());
      await pause(ms, undefined, { signal: ended, ref: false }).catch(() => {});
    }
  }

  private count(check: HealthCheck, failure: Omit<Judgement, "state"> | undefined): void {
    const passed = failure === undefined;
    this.inARow = { passed, count: this.inARow.passed === passed ? this.inARow.count + 1 : 1 };
    const { count } = this.inARow;
    // "After your target is registered, it must pass one health check to be considered healthy"
    // (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
    if (passed && count >= (this.judgement === initial ? 1 : check.passesNeeded)) this.judgement = { state: "healthy" };
    if (!passed && count >= check.failuresAllowed) this.judgement = { state: "unhealthy", ...failure };
  }
}
