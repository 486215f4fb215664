import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import type { PlannedResource } from "../offline";
import { projectCases } from "../permissions/cases";
import type { Case } from "../permissions/needs";
import { projectFolder } from "../stack/file";
import { type Change, comparePlans } from "./compare";
import type { Evaluated } from "./evaluate";
import { type Loss, lossesOf } from "./losses";
import { evaluateIn, hasStackFile, lastTag, withRevision } from "./revision";

const usage = `npm run plan-diff [-- --since REVISION] [--accept RESOURCE]

What an update from an earlier revision of this repository to the files as they
are would create, delete and replace, for every stack file on its own target and
on both platforms. No AWS account, no Pulumi CLI.
--since   a tag or commit; by default the last tag
--accept  a resource whose data may be lost, as the error names it; may be
          repeated
Ends with 1 when data would be lost.`;

const options = { since: text, accept: { ...text, multiple: true }, help } as const;

async function main(): Promise<void> {
  const { since = lastTag(), accept = [], help: asks } = optionsOf(process.argv.slice(2), options, usage);
  if (asks) return console.log(usage);
  if (since === undefined) {
    return console.log(
      "This repository has no tag yet, so there is no release to compare with. Name a commit: --since <commit>",
    );
  }
  const { cases, notes } = projectCases();
  for (const note of notes) console.log(note);
  const losses = await withRevision(since, (folder) => compareWith(folder, since, cases));
  refuseLosses(losses, accept);
}

async function compareWith(folder: string, since: string, all: readonly Case[]): Promise<Loss[]> {
  const cases = all.filter((one) => hasStackFile(folder, one));
  for (const one of all) if (!cases.includes(one)) console.log(`\n${titleOf(one)}: new since ${since}`);
  const before = await evaluateIn(folder, cases);
  const after = await evaluateIn(projectFolder, cases);
  return cases.flatMap((one, index) => differenceOf(one, since, before[index], after[index]));
}

/** Prints the difference of one case, and returns what would be lost. */
function differenceOf(one: Case, since: string, before?: Evaluated, after?: Evaluated): Loss[] {
  if (after === undefined || "refused" in after) throw new UserError(`${titleOf(one)}: ${after?.refused}`);
  if (before === undefined || "refused" in before) {
    console.log(`\n${titleOf(one)}: not compared, because the program of ${since} refuses it: ${before?.refused}`);
    return [];
  }
  const changes = comparePlans(before, after);
  const none = changes.length === 0 ? " no resource created, deleted or replaced" : "";
  console.log(`\n${titleOf(one)}, since ${since}:${none}`);
  for (const change of changes) console.log(`  ${lineFor(change)}`);
  return lossesOf(one.stack, before, changes);
}

const titleOf = ({ stack, overrides }: Case) =>
  `Stack ${stack}${overrides === undefined ? "" : ` with target ${overrides.target}`}`;

const nameOf = ({ type, name }: PlannedResource) => `${type} ${name}`;

function lineFor(change: Change): string {
  const { resource } = change;
  if (change.kind === "created") return `+  ${nameOf(resource)}`;
  if (change.kind === "replaced") return `+- ${nameOf(resource)}: ${change.why.join(", ")}`;
  if (change.kind === "renamed") return `+- ${nameOf(resource)}: is now ${change.to.name}, without an alias`;
  return resource.options.retainOnDelete ? `   ${nameOf(resource)}: stays in the account` : `-  ${nameOf(resource)}`;
}

function refuseLosses(losses: readonly Loss[], accepted: readonly string[]): void {
  const named = new Set(losses.map(({ resource }) => nameOf(resource)));
  const unknown = accepted.find((one) => !named.has(one));
  if (unknown !== undefined)
    throw new UserError(`--accept is ${unknown}; expected one of: ${[...named].join(", ") || "none"}`);
  const refused = losses.filter(({ resource }) => !accepted.includes(nameOf(resource)));
  if (refused.length === 0) return;
  throw new UserError(
    `\n${refused.length} ${refused.length === 1 ? "resource" : "resources"} would lose data:\n` +
      refused.map(({ stack, resource, text }) => `  Stack ${stack}: ${nameOf(resource)} ${text}`).join("\n") +
      "\nKeep its name and type, or give it an alias (https://www.pulumi.com/docs/iac/concepts/resources/options/aliases)." +
      "\nIf the data may go, pass --accept with the type and name as printed.",
  );
}

run(main);
