import { type Cloud, type Config, evaluate, evaluateStack } from "../../tools/offline";
import { paperCloud } from "../../tools/offline/cloud";
import { PlanUnderTest } from "./plan-under-test";

const region = "eu-west-1";

/** Everything that a piece of a program declares, with its inputs and its options. */
export async function declared(program: () => unknown, cloud: Cloud = paperCloud(region)): Promise<PlanUnderTest> {
  const config = { "aws:region": region };
  return new PlanUnderTest(await evaluate(program, { project: "inference", stack: "test", config, cloud }));
}

/** Everything that index.ts declares for a stack file, with other values in place of some of its own. */
export async function declaredStack(stack: string, overrides: Config = {}): Promise<PlanUnderTest> {
  const own = Object.entries(overrides).map(([key, value]) => [key.includes(":") ? key : `inference:${key}`, value]);
  return new PlanUnderTest(await evaluateStack(stack, { overrides: Object.fromEntries(own) }));
}

/** A cloud on paper that keeps a note of what it was asked to create, whether the program ended well or not. */
export function notingCloud(): { readonly cloud: Cloud; readonly created: readonly string[] } {
  const created: string[] = [];
  const paper = paperCloud(region);
  const create: Cloud["create"] = (args) => {
    if (args.custom) created.push(`${args.type} ${args.name}`);
    return paper.create(args);
  };
  return { cloud: { ...paper, create }, created };
}
