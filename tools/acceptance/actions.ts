import { UserError } from "../cli/user-error";
import type { DeployedStack } from "../stack/deployed";
import { changesIn, created, outputsIn } from "./engine-events";
import type { Ended } from "./pulumi";
import type { Kind, Step } from "./story";
import type { Result, Tools } from "./tools";

export interface Scene {
  readonly tools: Tools;
  /** The stack before the step. */
  readonly before: DeployedStack;
  readonly signal: AbortSignal;
}

type Action = (step: Step, scene: Scene) => Promise<Result>;

const upArgs = ["up", "--yes", "--skip-preview"];

/** What a step does, and what it must see. A thrown error is its failure. */
export const actions: Readonly<Record<Kind, Action>> = {
  preview: async (step, { tools, signal }) => {
    const { events } = succeeded(await tools.pulumi(step.name, ["preview"], signal));
    return { facts: [`${changesIn(events)} changes.`, ...monthOf(outputsIn(events))] };
  },
  update: async (step, { tools, before, signal }) => {
    const { events } = succeeded(await tools.pulumi(step.name, upArgs, signal));
    const after = await tools.stack();
    refuseOtherUrl(before, after);
    if (step.rollsOut && before.outputs.imageDigest === after.outputs.imageDigest)
      throw new UserError("the image has the same digest as before, so nothing was rolled out");
    return { facts: [`${changesIn(events)} changes.`], created: timed(events) };
  },
  "broken update": async (step, { tools, signal }) => {
    const { code, output, events } = await tools.pulumi(step.name, upArgs, signal);
    if (signal.aborted) throw new UserError("interrupted before the verdict");
    if (code === 0) throw new UserError("pulumi up succeeded with a program that no image has");
    if (!isRefusedRollout(output)) throw new UserError(`pulumi up failed for another reason: ${reasonIn(output)}`);
    return { facts: [`Refused with exit code ${code}: ${reasonIn(output)}`, `${changesIn(events)} changes.`] };
  },
  try: async (_, { tools, before, signal }) => {
    const { outcome, isFailure, why, runningAfterSeconds } = await tools.tryTask(before, signal);
    if (isFailure) throw new UserError(`the task ${outcome}: ${why}`);
    return { facts: [`The task ${outcome}: ${why}.`], taskSeconds: runningAfterSeconds };
  },
  load: async (_, { tools, signal }) => ({ facts: [], requests: await tools.load(signal) }),
  destroy: async (step, { tools, signal }) => {
    succeeded(await tools.pulumi(step.name, ["destroy", "--yes", "--skip-preview"], signal));
    return { facts: [] };
  },
  leftovers: async (_, { tools, before }) => {
    const found = await tools.leftovers(before);
    const left = found.filter(({ kept }) => kept === undefined);
    const sum = left.length === 0 ? "Nothing with the run's tags is left." : `${left.length} resources are left.`;
    return { facts: [sum, notSearched], leftovers: found };
  },
};

/** The tagging API lists no IAM roles. Auto Mode tags nodes with the cluster only, so on a shared cluster nobody can tell whose they are. */
const notSearched = "Not searched: IAM roles, other regions, and the nodes of an EKS cluster that existed before.";

/** Resources that took a moment. */
const timed = (events: Ended["events"]) => created(events).filter(({ seconds }) => seconds > 0);

function succeeded(ended: Ended): Ended {
  if (ended.code === 0) return ended;
  throw new UserError(`pulumi ended with exit code ${ended.code}: ${reasonIn(ended.output)}`);
}

/** Callers keep their URL. The first update has none before it. */
function refuseOtherUrl(before: DeployedStack, after: DeployedStack): void {
  if (before.outputs.url === undefined || before.outputs.url === after.outputs.url) return;
  throw new UserError("the URL of the stack changed");
}

/** As components/ecs-fargate-service/rollout.ts, components/eks-service/rollout.ts and components/core/wait-until.ts put it. */
const refusals = [
  / was rolled back: it runs /,
  / failed to deploy /,
  / failed to roll out: /,
  / is not ready after \d+ s/,
];
export const isRefusedRollout = (output: string) => refusals.some((refusal) => refusal.test(output));

const shownLines = 6;

/** The first error of the CLI, with the lines that belong to it. */
export function reasonIn(output: string): string {
  const lines = output.split("\n");
  const first = lines.findIndex((line) => /^\s*error:/i.test(line));
  const told = first < 0 ? lines.filter((line) => line.trim() !== "").slice(-shownLines) : lines.slice(first);
  const end = told.findIndex((line) => line.trim() === "");
  return told
    .slice(0, end < 0 ? shownLines : Math.min(end, shownLines))
    .map((line) => line.trim())
    .join("\n")
    .replace(/^error:\s*/i, "");
}

interface MonthlyUsd {
  readonly atMinimum: { readonly sum: number };
  readonly atMaximum: { readonly sum: number };
}

function monthOf({ monthlyUsd }: Readonly<Record<string, unknown>>): string[] {
  if (monthlyUsd === undefined) return [];
  const { atMinimum, atMaximum } = monthlyUsd as MonthlyUsd;
  return [`List price of a month: ${atMinimum.sum.toFixed(2)} to ${atMaximum.sum.toFixed(2)} USD.`];
}
