import assert from "node:assert/strict";
import { type Count, counted, type Latency, type LoadOptions } from "./counted-load";
import type { ClusterScene } from "./scene";

interface Case {
  readonly name: string;
  readonly count: Count;
}

const all: Case[] = [];

/** As docs/testing.md shows it. */
after("prints the table of cases", () => {
  if (all.length > 0) console.log(["", ...table(all), ""].join("\n"));
});

/** Cases under load. */
export class Cases {
  constructor(private readonly scene: () => Pick<ClusterScene, "balancer">) {}

  /** Runs an action under load. */
  async run<T>(name: string, action: () => Promise<T>, load?: LoadOptions): Promise<{ result: T; count: Count }> {
    const ran = await counted(this.scene().balancer, action, load);
    all.push({ name, count: ran.count });
    const { sent, slow } = ran.count;
    console.log(`    ${name}: ${sent + slow.sent} requests, failed: ${lostOf(ran.count)}`);
    return ran;
  }

  /** Runs an action that must not lose a request. */
  async lossless<T>(name: string, action: () => Promise<T>, load?: LoadOptions): Promise<{ result: T; count: Count }> {
    const ran = await this.run(name, action, load);
    const { failed, slow, reasons } = ran.count;
    if (lostOf(ran.count) !== "0") console.log(reasons.join("\n"));
    assert.deepEqual([failed, slow.failed], [{}, []]);
    assert.ok(ran.count.sent > 0 && slow.sent > 0, "no request was sent");
    return ran;
  }
}

const head = [...["case", "sent", "slow", "failed", "answered by"], ...["p50/p99 ms before", "during", "after"]];

function table(cases: readonly Case[]): string[] {
  const rows = cases.map(({ name, count }) => [name, ...cells(count)]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
}

function lostOf({ failed, slow }: Count): string {
  const lost = [...Object.entries(failed), ...Object.entries(occurrences(slow.failed))];
  return lost.length === 0 ? "0" : lost.map(([outcome, count]) => `${count} x ${outcome}`).join(", ");
}

function cells(count: Count): string[] {
  const { sent, slow, answered, before, during, after } = count;
  return [
    String(sent),
    String(slow.sent),
    lostOf(count),
    Object.entries(answered)
      .map(([version, count]) => `${version} ${count}`)
      .join(", "),
    ...[before, during, after].map(latency),
  ];
}

const latency = ({ p50Ms, p99Ms }: Latency) => `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`;

function occurrences(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
