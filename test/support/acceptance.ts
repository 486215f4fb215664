import type { Counted } from "../../tools/acceptance/counted-load";
import type { Estimate } from "../../tools/acceptance/estimate";
import type { Leftover } from "../../tools/acceptance/leftovers";
import { type Progress, ProgressFile, type StepRecord } from "../../tools/acceptance/progress";
import type { Ended } from "../../tools/acceptance/pulumi";
import { runStory } from "../../tools/acceptance/run";
import { ownKey } from "../../tools/acceptance/stack-copy";
import { type Step, story } from "../../tools/acceptance/story";
import type { Tools } from "../../tools/acceptance/tools";
import type { Config } from "../../tools/stack/file";
import { temporaryFolder } from "./folder";

export const estimate: Estimate = {
  hours: 3,
  usd: 1.5,
  usdPerHour: 0.5,
  firstUrl: [
    {
      target: "ecs",
      label: "ECS",
      waits: [
        { what: "Vpc inference", seconds: 150, from: "logs" },
        { what: "LoadBalancer inference", seconds: 142, most: 172, from: "logs" },
      ],
    },
    { target: "eks", label: "EKS", waits: [{ what: "Cluster inference", seconds: 612, most: 683, from: "logs" }] },
  ],
  pricesOf: "2026-11-21",
};

export const begun: Progress = {
  run: "0a1b2c3d",
  stack: "dev-acceptance",
  source: "dev",
  region: "eu-west-1",
  startedAt: "2026-11-30T10:00:00.000Z",
  perSecond: 5,
  versions: { project: "0.1.0", pulumi: "v3.248.0" },
  differences: ["domain is left out: the name belongs to the stack that serves."],
  estimate,
  clusters: [],
  steps: [],
};

export const second: Config = { [ownKey("image")]: `registry/two@sha256:${"2".repeat(64)}` };
export const broken: Config = { [ownKey("container")]: { command: ["/none"] } };
export const steps: readonly Step[] = story({ second, broken });

export const counted = (requests: number, errors = 0): Counted => ({
  requests,
  errors,
  statuses: { 200: requests - errors, ...(errors > 0 && { "503": errors }) },
  p50Ms: 40,
  p90Ms: 60,
  p99Ms: 90,
  maxMs: 120,
  ...(errors > 0 && { lostBetween: [31, 33] as const }),
});

const succeeded: Ended = { code: 0, output: "", events: [] };
export const refusedRollout: Ended = {
  code: 1,
  output:
    "Diagnostics:\n  error: inference-eks failed to roll out: no progress\n    [RunContainerError] no such file\n",
  events: [],
};

/** An account, a CLI and a clock of the test. A minute passes with each command. */
export class FakeTools implements Tools {
  /** What was done, in its order. */
  readonly calls: string[] = [];
  readonly told: string[] = [];
  /** By the name of the step. */
  readonly ends: Record<string, Partial<Ended> | (() => Promise<Ended>)> = { "broken-image": refusedRollout };
  answer: boolean | undefined;
  duringLoad = async () => {};
  lost: Record<string, number> = {};
  left: Leftover[] = [];
  url = "http://a.example";
  private keys: Config = {};
  private passedMs = Date.parse("2026-11-30T10:00:00.000Z");
  private loading = "";
  private image = "";

  async pulumi(step: string, args: readonly string[], signal: AbortSignal): Promise<Ended> {
    const target = this.keys[ownKey("target")];
    this.calls.push(`${args[0]} ${target}${signal.aborted ? " (aborted)" : ""}`);
    this.loading = step;
    this.image = String(this.keys[ownKey("image")] ?? "first");
    this.passedMs += 60_000;
    const end = this.ends[step];
    return typeof end === "function" ? end() : { ...succeeded, ...end };
  }

  async stack() {
    const outputs = { url: this.url, imageDigest: this.image };
    const cluster = { type: "aws:eks/cluster:Cluster", urn: "u", outputs: { name: "inference-1" } };
    return { name: begun.stack, resources: [cluster], outputs, connection: { assumeRoles: [], endpoints: {} } };
  }

  writeConfig(keys: Config): void {
    this.keys = keys;
  }

  async startLoad(url: string) {
    this.calls.push(`load ${url}`);
    return {
      soFar: { sent: 0, lost: 0 },
      stop: async () => {
        this.calls.push("load ends");
        return counted(100, this.lost[this.loading] ?? 0);
      },
    };
  }

  async load(signal: AbortSignal) {
    this.calls.push("npm run load");
    await this.duringLoad();
    return counted(signal.aborted ? 30 : 300);
  }

  async tryTask() {
    this.calls.push("try");
    return { outcome: "works", isFailure: false, why: "its health check passes", runningAfterSeconds: 34 };
  }

  async leftovers() {
    this.calls.push("leftovers");
    return this.left;
  }

  async removeStack() {
    this.calls.push("remove stack");
  }

  now = () => this.passedMs;

  async wait(seconds: number) {
    this.passedMs += seconds * 1000;
  }

  tell(text: string) {
    this.told.push(text);
  }

  async ask(question: string, otherwise: boolean) {
    this.calls.push(`${question} ${otherwise ? "[Y/n]" : "[y/N]"}`);
    return this.answer;
  }
}

interface Played {
  readonly tools: FakeTools;
  readonly progress: Progress;
  record(name: string): StepRecord | undefined;
}

/** Runs the story with fake tools. `from` are the records of an earlier run. */
export async function play(
  tools = new FakeTools(),
  { from = [], interrupted = new AbortController().signal, yes = false, keep = false }: Partial<Playing> = {},
): Promise<Played> {
  const file = new ProgressFile(temporaryFolder("acceptance"));
  file.save({ ...begun, steps: from });
  await runStory({ steps, progress: file, tools, interrupted, yes, keep });
  const progress = file.now;
  return { tools, progress, record: (name: string) => progress.steps.find((each) => each.name === name) };
}

interface Playing {
  readonly from: readonly StepRecord[];
  readonly interrupted: AbortSignal;
  readonly yes: boolean;
  readonly keep: boolean;
}

/** A run on AWS, as it would be recorded. */
export async function wholeRun(tools = new FakeTools()): Promise<Progress> {
  const { progress } = await play(tools);
  const created = [
    { type: "awsx:ec2:Vpc", name: "inference", seconds: 131 },
    { type: "aws:ec2/natGateway:NatGateway", name: "inference-1", seconds: 98 },
    { type: "aws:ec2/natGateway:NatGateway", name: "inference-2", seconds: 104 },
    { type: "aws:lb/loadBalancer:LoadBalancer", name: "inference", seconds: 155 },
  ];
  const records = progress.steps.map((record) =>
    record.name === "up" ? { ...record, created, seconds: 400 } : record,
  );
  return { ...progress, steps: records };
}
