import { setTimeout as sleep } from "node:timers/promises";
import { constantArrivals } from "../../../tools/load/arrivals";
import { type Answer, type Body, type Sender, sender } from "../../../tools/load/requests";
import { isWell, outcomeOf, percentile } from "../../../tools/load/summary";
import { LateRequest } from "../../container/support/late-request";
import { features } from "./images";
import type { LoadBalancer } from "./load-balancer";

/** Requests a second. */
const usualRate = 50;

/** Every so often a caller with a slow connection: its request is under way while replicas leave. */
const usuallySlowEveryMs = 1_000;
const slowLastsMs = 3_000;

const aroundMs = 3_000;

interface Sent extends Answer {
  readonly dueMs: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Every request of a case. */
export interface Count {
  readonly sent: number;
  /** Outcome -> how many; empty when none failed. */
  readonly failed: Readonly<Record<string, number>>;
  /** "<variant> <version>" -> requests that it answered with 2xx, as the load balancer counts them. */
  readonly answered: Readonly<Record<string, number>>;
  /** How many requests failed, by which version, why and when, as the load balancer saw it. */
  readonly reasons: readonly string[];
  /** Requests that took seconds to arrive, and how many of them failed. */
  readonly slow: { readonly sent: number; readonly failed: readonly string[] };
  readonly before: Latency;
  readonly during: Latency;
  readonly after: Latency;
}

export interface LoadOptions {
  readonly perSecond?: number;
  readonly slowEveryMs?: number;
  readonly path?: string;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

const json: Body = { type: "application/json", bytes: Buffer.from(JSON.stringify(features)) };

/**
 * Sends requests at a constant rate for as long as an action takes and some seconds before and after it, whether or not they are
 * answered, and counts each.
 */
export async function counted<T>(
  balancer: Pick<LoadBalancer, "url" | "answered">,
  action: () => Promise<T>,
  options: LoadOptions = {},
): Promise<{ readonly result: T; readonly count: Count }> {
  const load = new Load(balancer, options);
  try {
    await sleep(aroundMs);
    const fromMs = performance.now();
    const result = await action();
    const toMs = performance.now();
    await sleep(aroundMs);
    return { result, count: await load.end(fromMs, toMs) };
  } finally {
    await load.close();
  }
}

class Load {
  private readonly requests: Sender = sender();
  private readonly ending = new AbortController();
  private readonly mark: number;
  private readonly sent: Promise<Sent[]>;
  private readonly slow: Promise<(number | string)[]>;

  constructor(
    private readonly balancer: Pick<LoadBalancer, "url" | "answered">,
    private readonly options: LoadOptions,
  ) {
    this.mark = balancer.answered.mark();
    this.sent = this.send();
    this.slow = this.sendSlowly();
  }

  async end(fromMs: number, toMs: number): Promise<Count> {
    this.ending.abort();
    const [sent, slow] = await Promise.all([this.sent, this.slow]);
    const failed: Record<string, number> = {};
    for (const answer of sent.filter((one) => !isWell(one))) {
      failed[outcomeOf(answer)] = (failed[outcomeOf(answer)] ?? 0) + 1;
    }
    return {
      sent: sent.length,
      failed,
      answered: this.answeredByVersion(),
      reasons: this.reasons(),
      slow: { sent: slow.length, failed: slow.filter((outcome) => outcome !== 200).map(String) },
      before: latency(sent.filter(({ dueMs }) => dueMs < fromMs)),
      during: latency(sent.filter(({ dueMs }) => dueMs >= fromMs && dueMs <= toMs)),
      after: latency(sent.filter(({ dueMs }) => dueMs > toMs)),
    };
  }

  async close(): Promise<void> {
    this.ending.abort();
    await Promise.allSettled([this.sent, this.slow]);
    await this.requests.close();
  }

  private send(): Promise<Sent[]> {
    const { perSecond = usualRate, path = "/predict", body = json, headers } = this.options;
    const target = { url: new URL(path, this.balancer.url), method: "POST", body, headers };
    const one = async (_: number, dueMs: number) => ({ ...(await this.requests.send(target, dueMs)), dueMs });
    return constantArrivals({ perSecond, seconds: Number.POSITIVE_INFINITY, signal: this.ending.signal }, one);
  }

  private async sendSlowly(): Promise<(number | string)[]> {
    const { slowEveryMs = usuallySlowEveryMs, path = "/predict", body = json, headers } = this.options;
    const started: Promise<number | string>[] = [];
    for (; !this.ending.signal.aborted; await sleep(slowEveryMs)) {
      started.push(
        slowRequest(new URL(path, this.balancer.url).href, { ...headers, "content-type": body.type }, body.bytes),
      );
    }
    return Promise.all(started);
  }

  private reasons(): string[] {
    const times = new Map<string, number[]>();
    for (const { atMs, status, version = "no target", target = "", reason, said = "" } of this.balancer.answered.since(
      this.mark,
    )) {
      if (isWell({ status }) && reason === undefined) continue;
      // An error of the server names the request.
      const why = [status, version, target, reason ?? said.replace(/"request_id":"[^"]*"/, "")].join(" ");
      times.set(why, [...(times.get(why) ?? []), atMs]);
    }
    const clock = (ms = 0) => new Date(ms).toISOString().slice(11, 23);
    return [...times].map(([why, at]) => `${at.length} x ${why}, from ${clock(at[0])} to ${clock(at.at(-1))}`);
  }

  private answeredByVersion(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status, reason, group, version } of this.balancer.answered.since(this.mark)) {
      if (!isWell({ status }) || reason !== undefined) continue;
      const by = `${variantOf(group)} ${version}`;
      counts[by] = (counts[by] ?? 0) + 1;
    }
    return counts;
  }
}

/** `ecs` of the ARN of a group called inference-ecs-1a2b3c4. */
const variantOf = (group = "") => /targetgroup\/inference-(.+)-\w+\//.exec(group)?.[1] ?? group;

async function slowRequest(url: string, headers: Record<string, string>, body: Buffer): Promise<number | string> {
  const request = await LateRequest.start(url, headers, body);
  await sleep(slowLastsMs);
  return request.finish();
}

function latency(answers: readonly Answer[]): Latency {
  const sorted = answers
    .filter(isWell)
    .map(({ latencyMs }) => latencyMs)
    .sort((one, other) => one - other);
  return { p50Ms: percentile(sorted, 50), p99Ms: percentile(sorted, 99) };
}
