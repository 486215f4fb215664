import * as path from "node:path";
import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { asEngineText, type Config, projectFolder, readProject, stackConfig } from "../stack/file";
import { type Cloud, type Given, offlineCloud } from "./cloud";
import type { Plan } from "./plan";
import { type Recording, record } from "./recorder";
import { withoutDebugging } from "./sdk-internals";
import { Unanswered } from "./unanswered";

export type { Cloud } from "./cloud";
export { ofType, type Plan, type PlannedAlias, type PlannedResource } from "./plan";

export interface Evaluation {
  /** Replace values of the stack file. */
  readonly overrides?: Config;
  readonly cloud?: Cloud;
  /** Replaces the name in Pulumi.yaml. */
  readonly project?: string;
  /** Path of a stack file in place of Pulumi.<stack>.yaml. */
  readonly file?: string;
}

/** Returns what `pulumi up` would declare, without the Pulumi CLI and without an AWS account. */
export async function evaluateStack(stack: string, evaluation: Evaluation = {}): Promise<Plan> {
  const { overrides, cloud, project = readProject().name, file } = evaluation;
  const config = asEngineText(stackConfig(stack, overrides, project, file));
  return evaluate(() => requireAnew(path.join(projectFolder, "index.ts")), {
    project,
    stack,
    config,
    cloud: cloud ?? offlineCloud(config["aws:region"] ?? "", given(config, project)),
  });
}

function given(config: Readonly<Record<string, string>>, project: string): Given {
  const own = (key: string) => JSON.parse(config[`${project}:${key}`] ?? "{}");
  return { hostName: own("domain").name, network: own("network"), volumes: own("volumes") };
}

export interface ProgramContext {
  readonly project: string;
  readonly stack: string;
  readonly config: Record<string, string>;
  readonly cloud: Cloud;
}

/** Runs a program in this process and returns all that it declared. Programs run one after the other: the SDK is global. */
export const evaluate = (program: () => unknown, context: ProgramContext): Promise<Plan> =>
  withoutDebugging(() => evaluated(program, context));

async function evaluated(program: () => unknown, context: ProgramContext): Promise<Plan> {
  const recording = await record({ ...context, preview: true });
  const unanswered = new Unanswered();
  const refused: unknown[] = [];
  const outputs = await pulumi.runtime
    .runInPulumiStack(async () => {
      unanswered.watch();
      try {
        return await program();
      } catch (error) {
        // From an error here the SDK derives further promises that nothing awaits, and Node would print it again.
        refused.push(error);
      }
    })
    .catch((error: unknown) => void refused.push(error));
  // A RunError is the program's own message; otherwise the missing answer is the cause.
  for (const error of refused) throw pulumi.RunError.isInstance(error) ? error : (recording.failures[0] ?? error);
  await drained(recording);
  if (recording.failures.length > 0) throw recording.failures[0];
  const empty = await unanswered.properties();
  if (empty.length > 0) throw new Error(`the offline cloud left these outputs undefined:\n  ${empty.join("\n  ")}`);
  const { resources, calls, logs } = recording;
  return { resources, calls, logs, outputs: await plain(outputs) };
}

/** Resources inside an apply register only after the SDK saw all others end, so this repeats until no new one appears. */
async function drained({ resources }: Recording): Promise<void> {
  let seen: number;
  do {
    seen = resources.length;
    await pulumi.runtime.disconnect();
    await setImmediate();
  } while (resources.length > seen);
}

function requireAnew(file: string): unknown {
  delete require.cache[file];
  return require(file);
}

async function plain(outputs: pulumi.Inputs | undefined): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    pulumi.output(outputs ?? {}).apply((value) => resolve(value));
  });
}
