import { reasonOf } from "../../components/core/reason";
import type { DeployedStack } from "../stack/deployed";
import { actions } from "./actions";
import type { RunningLoad } from "./counted-load";
import { isDone, type ProgressFile, type StepRecord } from "./progress";
import { told } from "./spoken";
import type { Step } from "./story";
import type { Result, Tools } from "./tools";

/** How long the load runs before and after a change. */
const aroundSeconds = { before: 5, after: 15 };

export interface Run {
  readonly steps: readonly Step[];
  readonly progress: ProgressFile;
  readonly tools: Tools;
  /** Aborts at the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Destroy the stack after a failure without asking. */
  readonly yes: boolean;
  /** Leave the stack after a failure. */
  readonly keep: boolean;
}

const isCleanUp = ({ kind }: Pick<Step, "kind">) => kind === "destroy" || kind === "leftovers";

/** Does the steps that are not done yet, in their order, and ends at the first that fails. Cleans up in every case, unless told otherwise. */
export async function runStory(run: Run): Promise<void> {
  const { steps, progress, interrupted } = run;
  const open = steps.filter(({ name }) => !isDone(progress.now, name));
  for (const step of open.filter((each) => !isCleanUp(each))) {
    // What cleans up is at the end, so a destroyed stack is not filled again.
    if (interrupted.aborted || isDone(progress.now, "destroy")) break;
    if ((await perform(step, run, interrupted)).outcome !== "done") break;
  }
  if (await mayCleanUp(run)) await cleanUp(run);
}

/** The first Ctrl-C does not end it: a person who presses it wants the stack to be deleted. */
async function cleanUp(run: Run): Promise<void> {
  const ending = new AbortController().signal;
  for (const step of run.steps.filter(isCleanUp)) {
    if (isDone(run.progress.now, step.name)) continue;
    if ((await perform(step, run, ending)).outcome !== "done") return;
  }
  await run.tools.removeStack();
}

async function mayCleanUp({ steps, progress, tools, yes, keep }: Run): Promise<boolean> {
  const story = steps.filter((step) => !isCleanUp(step));
  if (story.every(({ name }) => isDone(progress.now, name)) || isDone(progress.now, "destroy")) return true;
  if (keep) return false;
  // Nobody watches a run with --yes, and a stack costs money while a question waits.
  if (yes) return true;
  return (await tools.ask("Destroy the stack now?", true)) ?? true;
}

async function perform(step: Step, run: Run, signal: AbortSignal): Promise<StepRecord> {
  const { tools, progress, steps } = run;
  const began = tools.now();
  tools.tell(`\n${steps.indexOf(step) + 1}/${steps.length} ${step.title}`);
  const { result, why } = await attempt(step, run, signal);
  const failure = signal.aborted ? ({ outcome: "interrupted" } as const) : ({ outcome: "failed", why } as const);
  const record: StepRecord = {
    name: step.name,
    title: step.title,
    startedAt: new Date(began).toISOString(),
    seconds: Math.round((tools.now() - began) / 1000),
    ...(why === undefined ? { outcome: "done" } : failure),
    ...result,
  };
  progress.add(record);
  tools.tell(told(record));
  return record;
}

interface Attempt {
  readonly result: Result;
  readonly why?: string;
}

async function attempt(step: Step, run: Run, signal: AbortSignal): Promise<Attempt> {
  const { tools, progress } = run;
  let load: RunningLoad | undefined;
  let result: Result = { facts: [] };
  let why: string | undefined;
  try {
    tools.writeConfig(step.keys);
    const before = await tools.stack();
    if (step.isUnderLoad) load = await tools.startLoad(before.outputs.url ?? "");
    if (load) await tools.wait(aroundSeconds.before);
    result = await actions[step.kind](step, { tools, before, signal });
    if (load) await tools.wait(aroundSeconds.after);
    // What was sent until then counts, but the step is not done.
    if (step.kind === "load" && signal.aborted) why = "interrupted";
  } catch (error) {
    why = reasonOf(error);
  }
  const requests = await load?.stop();
  // Also after a failed update, which may have created one.
  if (!isCleanUp(step)) progress.sawClusters(clustersOf(await tools.stack().catch(() => undefined)));
  return { result: { ...result, ...(requests && { requests }) }, why };
}

/** From the state: an update that failed has no outputs. */
function clustersOf(stack: DeployedStack | undefined): string[] {
  const types = ["aws:ecs/cluster:Cluster", "aws:eks/cluster:Cluster"];
  return (stack?.resources ?? [])
    .filter(({ type, outputs }) => types.includes(type) && typeof outputs?.name === "string")
    .map(({ outputs }) => String(outputs?.name));
}
