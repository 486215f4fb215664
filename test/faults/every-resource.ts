import { UserError } from "../../tools/cli/user-error";
import { table } from "../../tools/render/markdown";
import { findCli } from "../engine/support/cli";
import { EveryResource, type Outcome } from "../engine/support/every-resource";
import { openSandbox } from "../engine/support/open";
import { create, destroy, existingVpc, flip, move, moveInZones, type Stage, update } from "../engine/support/stages";
import type { FirstFailure } from "../fakes/injected-failures";

interface Story {
  readonly title: string;
  readonly stack: string;
  readonly keys?: Readonly<Record<string, unknown>>;
  readonly stages: readonly Stage[];
}

const stories: readonly Story[] = [
  { title: "dev", stack: "dev", stages: [create, update, move, flip, destroy] },
  { title: "prod", stack: "prod", stages: [create, update, move, destroy] },
  { title: "both", stack: "dev", keys: { "inference:target": "both" }, stages: [create, update, moveInZones, destroy] },
  { title: "existing-vpc", stack: "dev", keys: existingVpc, stages: [create, update, destroy] },
];

const failures: readonly FirstFailure["how"][] = ["refused", "unfinished", "lost"];
const operations = [create, update, move, flip, destroy].map(({ title }) => title);
const words = [...stories.map(({ title }) => title), ...failures, ...operations];

/** Of a list, the ones that are named, or all. */
function named<T>(all: readonly T[], nameOf: (one: T) => string, names: readonly string[]): readonly T[] {
  const found = all.filter((one) => names.includes(nameOf(one)));
  return found.length > 0 ? found : all;
}

/** Lets every operation of these stacks fail once, repeats the command until it succeeds, and prints how it ended. */
export async function everyResource(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !words.includes(name));
  if (unknown !== undefined)
    throw new UserError(`--every-resource has "${unknown}"; expected some of: ${words.join(", ")}`);
  const cli = findCli();
  if (!cli.found) throw new UserError(cli.reason);
  const rows: string[][] = [];
  const defects: string[] = [];
  for (const how of named(failures, (one) => one, names)) {
    for (const story of named(stories, ({ title }) => title, names)) {
      const defect = (text: string) => void defects.push(`${story.title}, ${how}, ${text}`);
      try {
        for await (const outcome of outcomes(cli.environment, story, how, names)) {
          rows.push(rowFor(story.title, how, outcome));
          console.error(rows.at(-1)?.join(", "));
          for (const stray of outcome.strays) console.error(`    unknown to Pulumi: ${stray}`);
          for (const text of outcome.defects) defect(`${outcome.stage}: ${text}`);
        }
      } catch (error) {
        // The rows so far took an hour; the other stacks still count.
        defect(`ended early: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  console.log(`\n${table({ head, rows, figures: figures.length })}`);
  for (const defect of defects) console.log(`\n${defect}`);
  process.exitCode = defects.length > 0 ? 1 : 0;
}

/** Beside other work, a command of a large stack takes many minutes. */
const commandLimitMs = 1_800_000;

const figures = ["resources", "failed once", "types", "commands", "unknown to Pulumi", "seconds"];
const head = ["stack", "failure", "operation", "ended in the declared state", ...figures];

const rowFor = (story: string, how: string, outcome: Outcome): string[] => [
  ...[story, how, outcome.stage, outcome.defects.length === 0 ? "yes" : `no, defects: ${outcome.defects.length}`],
  ...[outcome.resources, outcome.failed.length, typesIn(outcome.failed)].map(String),
  ...[outcome.commands, outcome.strays.length, outcome.seconds].map(String),
];

/** Of changes such as "create aws:ecs/service:Service name". */
const typesIn = (changes: readonly string[]) => new Set(changes.map((change) => change.split(" ")[1])).size;

/** The operations before and between the chosen ones run without failures. */
async function* outcomes(
  environment: NodeJS.ProcessEnv,
  { title, stack, keys, stages }: Story,
  how: FirstFailure["how"],
  names: readonly string[],
) {
  const chosen = named(stages, (stage) => stage.title, names);
  const sandbox = await openSandbox(environment, { commandLimitMs });
  try {
    await sandbox.createStack(stack, keys);
    const every = new EveryResource(sandbox, stack, (text) => console.error(`    ${title}, ${how}, ${text}`));
    for (const stage of stages.slice(0, stages.indexOf(chosen.at(-1) ?? create) + 1)) {
      if (chosen.includes(stage)) yield await every.pass(stage, how);
      else await every.reach(stage);
    }
  } finally {
    sandbox.close();
  }
}
