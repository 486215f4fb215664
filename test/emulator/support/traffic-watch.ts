import { setTimeout as sleep } from "node:timers/promises";
import type { GroupState, Share, TrafficProbe } from "./traffic-probe";

/** In a second. */
export const looksAimedFor = 10;
const periodMs = 1_000 / looksAimedFor;

export interface Watched {
  /** Observations while a public rule was there. */
  readonly seen: number;
  /** What callers would have been hurt by. */
  readonly faults: readonly string[];
  /** What served the public for longer than a look, in the order it appeared. */
  readonly served: readonly string[];
  /** What served the public when last seen, in no order. */
  readonly servesAtLast: readonly string[];
  /** Of the public rules when last seen, the smallest first. */
  readonly weights: readonly number[];
  /** Target group -> how many of its targets were healthy when the public was first seen to be sent there. */
  readonly healthyAtFirst: ReadonlyMap<string, number>;
  /** Of the looks that were aimed for, the share that was made. */
  readonly shareOfLooks: number;
}

const taking = (shares: readonly Share[]) => shares.filter(({ weight }) => weight > 0);

/** Looks ten times a second where the public's requests go, and whether somebody is there to answer them. */
export class TrafficWatch {
  private readonly faults = new Set<string>();
  private readonly served = new Set<string>();
  /** What the latest look saw to serve; the emulator shows a version that it takes back within the call that brought it. */
  private serving = new Set<string>();
  private readonly healthyAtFirst = new Map<string, number>();
  private readonly startedMs = Date.now();
  /** What the latest look saw, by load balancer. */
  private shares: ReadonlyMap<string, readonly Share[]> = new Map();
  private looks = 0;
  private seen = 0;
  private watching = true;
  private readonly loop: Promise<Error | undefined>;

  constructor(private readonly probe: Pick<TrafficProbe, "publicShares" | "stateOf">) {
    this.loop = this.watch().then(
      () => undefined,
      (error: Error) => error,
    );
  }

  async stop(): Promise<Watched> {
    this.watching = false;
    const error = await this.loop;
    if (error) throw new Error(`the watch went blind after ${this.looks} looks: ${error.message}`);
    const shares = [...this.shares.values()].flat();
    return {
      seen: this.seen,
      faults: [...this.faults],
      served: [...this.served],
      servesAtLast: [...this.serving],
      weights: shares.map(({ weight }) => weight).sort((a, b) => a - b),
      healthyAtFirst: this.healthyAtFirst,
      shareOfLooks: (this.looks * periodMs) / (Date.now() - this.startedMs),
    };
  }

  private async watch(): Promise<void> {
    for (; this.watching; this.looks++) await Promise.all([sleep(periodMs), this.look()]);
    // What came in at the very end is seen twice as well.
    await this.look();
  }

  /** Asks at once for the rules and for the groups that they named before; only of a group that is new it has to ask after that. */
  private async look(): Promise<void> {
    const groups = [...this.shares.values()].flatMap(taking).map(({ group }) => group);
    const [shares, ...states] = await Promise.all([
      this.probe.publicShares(),
      // A group that nobody is sent to any more may be gone; of any other is asked again.
      ...groups.map((group) => this.probe.stateOf(group).catch(() => undefined)),
    ]);
    for (const balancer of this.shares.keys()) {
      if (!shares.has(balancer)) this.faults.add(`the public rule of ${balancer} was gone for a moment`);
    }
    // A rule that is gone stays remembered, so that the next look says so again.
    this.shares = new Map([...this.shares, ...shares]);
    if (shares.size > 0) this.seen++;
    for (const [balancer, ofBalancer] of shares) {
      if (taking(ofBalancer).length === 0) this.faults.add(`the public rule of ${balancer} sends its requests nowhere`);
    }
    const known = new Map(groups.map((group, index) => [group, states[index]]));
    const now = [...shares.values()].flatMap(taking);
    const nowStates = await Promise.all(now.map(({ group }) => this.stateNow(group, known.get(group))));
    for (const [index, state] of nowStates.entries()) this.judge(now[index] as Share, state);
    const versions = nowStates.flatMap(({ serving }) => serving.flatMap((one) => one.versions));
    for (const version of versions) if (this.serving.has(version)) this.served.add(version);
    this.serving = new Set(versions);
  }

  private async stateNow(group: string, known?: GroupState): Promise<GroupState> {
    if (known && known.healthy > 0) return known;
    const first = await this.probe.stateOf(group);
    if (first.healthy > 0) return first;
    // The emulator empties and refills a group within one call and without a lock; what callers feel lasts longer.
    await sleep(periodMs / 2);
    return this.probe.stateOf(group);
  }

  private judge({ group, weight }: Share, { healthy, serving }: GroupState): void {
    const name = group.split("/")[1] ?? group;
    const gives = `the public rule gives ${name} weight ${weight}`;
    if (healthy === 0) this.faults.add(`${gives}; it has no healthy target`);
    if (serving.length === 0) this.faults.add(`${gives}; no service is behind it`);
    if (!this.healthyAtFirst.has(name)) this.healthyAtFirst.set(name, healthy);
    for (const { name: service, running } of serving) {
      if (running === 0) this.faults.add(`the public's requests go to ${service}, which runs nothing`);
    }
  }
}
