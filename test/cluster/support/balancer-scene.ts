import { type Agent, type IncomingMessage, type RequestListener, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeElbApi, type FakeGroup, forwardTo } from "./fake-elb-api";
import { FakeTarget } from "./fake-target";
import { LoadBalancer } from "./load-balancer";

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** With a connection of its own, unless there is an agent. */
export function ask(url: string, { body, agent, ...options }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: agent ?? false, ...options }, (answer) => {
      const { statusCode: status = 0, headers } = answer;
      buffer(answer).then((bytes) => resolve({ status, headers, body: bytes.toString() }), reject);
    });
    call.on("error", reject).end(body);
  });
}

/** Waits for what `question` describes, at most 10 s. */
export async function until(what: string, question: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await question()); await sleep(5)) {
    if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
  }
}

/** Checks so often that a test need not wait; AWS starts at 5 s. */
export const quick: FakeGroup = {
  HealthCheckPath: "/health",
  HealthCheckIntervalSeconds: 0.05,
  HealthCheckTimeoutSeconds: 2,
  HealthyThresholdCount: 3,
  UnhealthyThresholdCount: 2,
  attributes: { "deregistration_delay.timeout_seconds": "1" },
};

export const withAttributes = (attributes: Record<string, string>): FakeGroup => ({
  ...quick,
  attributes: { ...quick.attributes, ...attributes },
});
/** For each test of a suite an API, and what is started for it. */
export class BalancerScene {
  api = new FakeElbApi();
  stops: (() => unknown)[] = [];
  private versions = new Map<string, string>();
  private started: LoadBalancer | undefined;

  constructor() {
    beforeEach(() => {
      this.api = new FakeElbApi();
      this.versions = new Map();
      this.stops = [];
    });
    afterEach(async () => {
      for (const stop of this.stops.reverse()) await stop();
    });
  }

  get balancer(): LoadBalancer {
    if (!this.started) throw new Error("the load balancer has not started");
    return this.started;
  }

  async start(): Promise<LoadBalancer> {
    const balancer = await LoadBalancer.start(this.api.client, this.versions);
    this.started = balancer;
    this.stops.push(() => balancer.stop());
    return balancer;
  }

  async target(name: string, respond?: RequestListener): Promise<FakeTarget> {
    const started = await FakeTarget.start(name, respond);
    this.versions.set(started.address.ip, name);
    this.stops.push(() => started.stop());
    return started;
  }

  statesOf(group: string) {
    return this.balancer.healthOf(group).map(({ state }) => state);
  }

  healthy(group: string): Promise<void> {
    return until(`all targets of ${group} are healthy`, () =>
      this.statesOf(group).every((state) => state === "healthy"),
    );
  }

  /** Starts with one group that gets all requests, and these targets in it. */
  async serving(targets: FakeTarget[], group: FakeGroup = quick): Promise<void> {
    this.api.groups.blue = group;
    this.api.defaultAction = forwardTo({ blue: 1 });
    await this.start();
    this.balancer.register(
      "blue",
      targets.map(({ address }) => address),
    );
    await this.healthy("blue");
  }

  async names(count: number, options?: Asked): Promise<string[]> {
    const answers: string[] = [];
    for (let index = 0; index < count; index++) answers.push((await ask(this.balancer.url, options)).body);
    return answers;
  }
}
