import * as pulumi from "@pulumi/pulumi";
import { type Cloud, evaluate, evaluateStack } from "../../../tools/offline";
import { offlineCloud } from "../../../tools/offline/cloud";
import { record } from "../../../tools/offline/recorder";
import type { Config } from "../../../tools/stack/file";
import { PlanUnderTest } from "./plan-under-test";

const region = "eu-west-1";
const context = { project: "inference", stack: "test", config: { "aws:region": region } };

/** Everything that a piece of a program declares in a preview, with its inputs and its options. */
export async function declared(program: () => unknown, cloud: Cloud = offlineCloud(region)): Promise<PlanUnderTest> {
  return new PlanUnderTest(await evaluate(program, { ...context, cloud }));
}

/** Everything that index.ts declares for a stack file, with other values in place of some of its own. A fork may have another name. */
export async function declaredStack(stack: string, overrides: Config = {}, cloud?: Cloud): Promise<PlanUnderTest> {
  return new PlanUnderTest(await evaluateStack(stack, { project: context.project, overrides, cloud }));
}

/** Everything that index.ts declares for a stack file of a project with another name. */
export async function renamedStack(project: string, stack: string, overrides: Config = {}): Promise<PlanUnderTest> {
  return new PlanUnderTest(await evaluateStack(stack, { project, overrides }));
}

/** Runs a piece of a program as an update does: what it awaits is awaited. */
export async function deployed(program: () => unknown, cloud: Cloud = offlineCloud(region)): Promise<PlanUnderTest> {
  const { resources, calls, logs } = await record({ ...context, cloud, preview: false });
  await pulumi.runtime.runInPulumiStack(async () => program());
  await pulumi.runtime.disconnect();
  return new PlanUnderTest({ resources, calls, logs, outputs: {} });
}
