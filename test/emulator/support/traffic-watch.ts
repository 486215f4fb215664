import { setTimeout as sleep } from "node:timers/promises";
import type { GroupState, Share, TrafficProbe } from "./traffic-probe";

export const targetPollsPerSecond = 10;
const periodMs = 1_000 / targetPollsPerSecond;

export interface TrafficRecord {
  /** Number of polls that found a public rule. */
  readonly polls: number;
  /** Moments in which callers would have had no answer. */
  readonly faults: readonly string[];
  /** Versions that served the public in more than one poll, in the order they appeared. */
  readonly served: readonly string[];
  /** Versions that served the public in the last poll, in no particular order. */
  readonly servedLast: readonly string[];
  /** Weights of the public rules in the last poll, smallest first. */
  readonly weights: readonly number[];
  /** Target groups with weight, each time the weights changed: `inference-ecs 50, inference-eks 50`. */
  readonly moves: readonly string[];
  /** Target group -> its healthy targets when the public rule first sent requests to it. */
  readonly healthyAtFirst: ReadonlyMap<string, number>;
  /** Share of the intended polls that were made. */
  readonly shareOfPolls: number;
}

const withWeight = (shares: readonly Share[]) => shares.filter(({ weight }) => weight > 0);

/** Without the suffix that Pulumi gives the name of a group. */
const shownShare = ({ group, weight }: Share) => `${group.split("/")[1]?.replace(/-[0-9a-f]{7}$/, "")} ${weight}`;

/** Polls where the public rules send requests, and whether a healthy target and a running task or ready pod is there. */
export class TrafficWatch {
  private readonly faults = new Set<string>();
  private readonly served = new Set<string>();
  /** Versions in the latest poll. One poll is not enough: the emulator briefly shows a version that it rolls back within the same call. */
  private serving = new Set<string>();
  private readonly moves: string[] = [];
  private readonly healthyAtFirst = new Map<string, number>();
  private readonly startedMs = Date.now();
  /** Result of the latest poll, by load balancer. */
  private shares: ReadonlyMap<string, readonly Share[]> = new Map();
  private attempts = 0;
  private polls = 0;
  private watching = true;
  private readonly loop: Promise<Error | undefined>;

  constructor(private readonly probe: Pick<TrafficProbe, "publicShares" | "stateOf">) {
    this.loop = this.watch().then(
      () => undefined,
      (error: Error) => error,
    );
  }

  async stop(): Promise<TrafficRecord> {
    this.watching = false;
    const error = await this.loop;
    if (error) throw new Error(`the traffic watch failed after ${this.attempts} polls: ${error.message}`);
    const shares = [...this.shares.values()].flat();
    return {
      polls: this.polls,
      faults: [...this.faults],
      served: [...this.served],
      servedLast: [...this.serving],
      weights: shares.map(({ weight }) => weight).sort((a, b) => a - b),
      moves: this.moves,
      healthyAtFirst: this.healthyAtFirst,
      shareOfPolls: (this.attempts * periodMs) / (Date.now() - this.startedMs),
    };
  }

  private async watch(): Promise<void> {
    for (; this.watching; this.attempts++) await Promise.all([sleep(periodMs), this.poll()]);
    // A version that appeared in the last poll needs a second one to count as served.
    await this.poll();
  }

  /** Queries the rules and the groups that they named before in parallel; only a new group needs a second query. */
  private async poll(): Promise<void> {
    const groups = [...this.shares.values()].flatMap(withWeight).map(({ group }) => group);
    const [shares, ...states] = await Promise.all([
      this.probe.publicShares(),
      // A group without traffic may have been deleted; any other is queried again below.
      ...groups.map((group) => this.probe.stateOf(group).catch(() => undefined)),
    ]);
    this.recordRules(shares);
    const known = new Map(groups.map((group, index) => [group, states[index]]));
    const now = [...shares.values()].flatMap(withWeight);
    const nowStates = await Promise.all(now.map(({ group }) => this.stateNow(group, known.get(group))));
    for (const [index, state] of nowStates.entries()) this.recordGroup(now[index] as Share, state);
    const versions = nowStates.flatMap(({ backends }) => backends.flatMap((one) => one.versions));
    for (const version of versions) if (this.serving.has(version)) this.served.add(version);
    this.serving = new Set(versions);
  }

  private recordRules(shares: ReadonlyMap<string, readonly Share[]>): void {
    for (const balancer of this.shares.keys()) {
      if (!shares.has(balancer)) this.faults.add(`the public rule of ${balancer} was gone for a moment`);
    }
    // Keep a rule that is gone, so that the next poll reports it again.
    this.shares = new Map([...this.shares, ...shares]);
    if (shares.size > 0) this.polls++;
    const shown = withWeight([...this.shares.values()].flat())
      .map(shownShare)
      .sort()
      .join(", ");
    if (shown !== this.moves.at(-1)) this.moves.push(shown);
    for (const [balancer, ofBalancer] of shares) {
      if (withWeight(ofBalancer).length === 0)
        this.faults.add(`the public rule of ${balancer} sends its requests nowhere`);
    }
  }

  private async stateNow(group: string, known?: GroupState): Promise<GroupState> {
    if (known && known.healthy > 0) return known;
    const first = await this.probe.stateOf(group);
    if (first.healthy > 0) return first;
    // The emulator empties and refills a group within one call and without a lock; callers would notice only a longer gap.
    await sleep(periodMs / 2);
    return this.probe.stateOf(group);
  }

  private recordGroup({ group, weight }: Share, { healthy, backends }: GroupState): void {
    const name = group.split("/")[1] ?? group;
    const gives = `the public rule gives ${name} weight ${weight}`;
    if (healthy === 0) this.faults.add(`${gives}; it has no healthy target`);
    if (backends.length === 0) this.faults.add(`${gives}; no service is behind it`);
    if (!this.healthyAtFirst.has(name)) this.healthyAtFirst.set(name, healthy);
    for (const { name: service, running } of backends) {
      if (running === 0) this.faults.add(`the public's requests go to ${service}, which runs nothing`);
    }
  }
}
