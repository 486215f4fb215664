import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../cli/user-error";
import { load } from "../load/load";
import { type DeployedStack, deployedStack } from "../stack/deployed";
import { declaredTask } from "../try/ecs-runner";
import { deployedService } from "../try/service";
import { type Runner, tryOneTask } from "../try/trial";
import { reasonIn } from "./actions";
import type { Arguments } from "./arguments";
import { ask } from "./ask";
import { countsOf, startLoad } from "./counted-load";
import { awsCli, type Leftover, leftovers } from "./leftovers";
import type { ProgressFile } from "./progress";
import { ProgressLine } from "./progress-line";
import { type Ended, runPulumi } from "./pulumi";
import { fileOf, type StackCopy, writeConfig } from "./stack-copy";
import type { Tools, Tried } from "./tools";

interface Needs {
  readonly stack: string;
  readonly asked: Arguments;
  readonly copy: StackCopy;
  readonly progress: ProgressFile;
  /** Called when somebody presses Ctrl-C while a question is open. */
  readonly interrupt: () => void;
}

/** The CLI, the account and the clock. */
export function realTools({ stack, asked, copy, progress, interrupt }: Needs): Tools {
  const line = new ProgressLine();
  const named = ["--stack", stack];
  const { folder } = progress;
  // The report names the rate of the first start, so --resume keeps it.
  const { perSecond } = progress.now;
  mkdirSync(folder, { recursive: true });
  const pulumi = async (step: string, args: readonly string[], signal: AbortSignal): Promise<Ended> => {
    const events = join(folder, `${step}.events.log`);
    // The CLI appends, and a step may be done again.
    rmSync(events, { force: true });
    const watching = { log: join(folder, `${step}.log`), events, signal, waiting: (text: string) => line.show(text) };
    line.start();
    return runPulumi([...args, ...named], watching).finally(() => line.clear());
  };
  return {
    pulumi,
    stack: () => deployedStack(stack),
    writeConfig: (keys) => writeConfig(stack, { ...copy.config, ...keys }),
    startLoad: (url) => startLoad(url, perSecond, asked.load),
    load: async (signal) => {
      const { seconds } = asked;
      return countsOf(await load({ stack, perSecond, seconds, ...asked.load, owned: false }, signal));
    },
    tryTask,
    leftovers: (deployed) => settled(() => left(deployed, progress)),
    removeStack: () => removeStack(stack, folder),
    now: () => Date.now(),
    wait: (seconds) => sleep(seconds * 1000),
    tell: (text) => console.log(text),
    ask: (question, otherwise) => ask(question, { otherwise, interrupt }),
  };
}

async function tryTask(deployed: DeployedStack, signal: AbortSignal): Promise<Tried> {
  const { runner } = await declaredTask(deployedService(deployed));
  const timed = new TimedRunner(runner);
  const tell = (text: string) => console.log(`  ${text}`);
  const { outcome, why } = await tryOneTask(timed, { tell, signal });
  return { outcome, isFailure: outcome === "does not work", why, runningAfterSeconds: timed.runningAfterSeconds };
}

/** Notes when the task was first seen RUNNING. */
class TimedRunner implements Runner {
  readonly isProbed: boolean;
  runningAfterSeconds?: number;
  private startedMs = 0;

  constructor(private readonly runner: Runner) {
    this.isProbed = runner.isProbed;
  }

  start(): Promise<string> {
    this.startedMs = Date.now();
    return this.runner.start();
  }

  async look(taskArn: string) {
    const state = await this.runner.look(taskArn);
    if (state.status === "RUNNING") this.runningAfterSeconds ??= Math.round((Date.now() - this.startedMs) / 1000);
    return state;
  }

  stop(taskArn: string): Promise<void> {
    return this.runner.stop(taskArn);
  }
}

const left = ({ connection }: DeployedStack, { now: { run, clusters } }: ProgressFile) =>
  leftovers(awsCli(connection), run, clusters);

const tagDelay = { seconds: 30, times: 10 };

/** The list of tags lags behind deletions by minutes. */
async function settled(look: () => Promise<Leftover[]>): Promise<Leftover[]> {
  let found = await look();
  for (let round = 1; round < tagDelay.times && found.some(({ kept }) => kept === undefined); round++) {
    await sleep(tagDelay.seconds * 1000);
    found = await look();
  }
  return found;
}

/** `stack rm` refuses a stack that holds resources. */
async function removeStack(stack: string, folder: string): Promise<void> {
  const watching = { log: join(folder, "stack.log"), signal: new AbortController().signal, waiting: () => {} };
  const { code, output } = await runPulumi(["stack", "rm", stack, "--yes"], watching);
  if (code !== 0) throw new UserError(`pulumi stack rm ${stack} failed: ${reasonIn(output)}`);
  rmSync(fileOf(stack), { force: true });
}

/** Without changing which stack the CLI has selected. */
export async function createStack(stack: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const watching = { log: join(folder, "stack.log"), signal: new AbortController().signal, waiting: () => {} };
  const { code, output } = await runPulumi(["stack", "init", stack, "--no-select"], watching);
  if (code !== 0) throw new UserError(`pulumi stack init ${stack} failed: ${reasonIn(output)}`);
}
