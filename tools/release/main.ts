import { readFileSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { boundsAt } from "../../components/core/schedule";
import { awsTargets } from "../../components/targets";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { lockDiagnosis } from "../doctor/lock";
import { deployedStack } from "../stack/deployed";
import { projectFolder, refuseUnknownStack } from "../stack/file";
import { configIn } from "../stack/yaml-file";
import { type Asked, askedRelease, usage } from "./arguments";
import { bake } from "./bake";
import { carryOut, type Stage, takeBack } from "./carry-out";
import { type Chosen, choose } from "./choose";
import { describePlan } from "./describe";
import { ask, untilInterrupted } from "./interruption";
import { variantsOf } from "./plan";
import { type Change, showChange, unexpected } from "./preview-gate";
import { pulumiCli } from "./pulumi";
import { liveShares, runningReference, type Situation, situationOf } from "./situation";
import { changedLines, type Edit, edited, hasValues, isAdded, refuseUneditable, withoutMarks } from "./stack-file";
import { status } from "./status";
import { watch, watchedVariants } from "./watch";

const tell = (text: string) => console.log(text);

async function main(): Promise<void> {
  const asked = askedRelease(process.argv.slice(2));
  if (asked === undefined) return tell(usage);
  refuseUnknownStack(asked.stack);
  const situation = await situationOf(asked.stack);
  if (asked.goal === "status") return tell(await status(situation, lockDiagnosis));
  await release(asked, asked.goal, situation);
}

async function release(asked: Asked, goal: Exclude<Asked["goal"], "status">, situation: Situation): Promise<void> {
  const { stack } = asked;
  const file = `Pulumi.${stack}.yaml`;
  const path = join(projectFolder, file);
  const text = readFileSync(path, "utf8");
  const place = { file, project: situation.project };
  refuseUneditable(text, place);
  const inFile = {
    config: configIn(path),
    has: (edits: readonly Edit[]) => hasValues(text, edits, place),
    isAdded: (key: string) => isAdded(text, key, place),
  };
  const chosen = choose(goal, asked.steps, situation, inFile);
  tell(describePlan(chosen, { stack, bakeSeconds: asked.bakeSeconds, before: imageBefore(chosen, situation) }));
  const stage = stageFor(asked, chosen, situation);
  const isFresh = !chosen.resumes && !chosen.takesBack && goal !== "back";
  if (isFresh) refuseUndeployed(stack, await stage.pulumi.preview(text));
  if (asked.dryRun) return preview(chosen, stage, text);
  await confirm(asked);
  if (chosen.takesBack) return takeBack(chosen.plan, stage);
  const original = stage.edited(text, chosen.plan.back);
  await carryOut(chosen.plan, stage);
  const released = withoutMarks(stage.file.read());
  stage.file.write(released);
  const lines = changedLines(withoutMarks(original), released);
  tell(`\nReleased ${chosen.plan.title}. Commit ${file}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

/** With a clean stack, everything that a later preview announces comes from the release. */
function refuseUndeployed(stack: string, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  const shown = changes.slice(0, 10).map((change) => `  ${showChange(change)}`);
  throw new UserError(
    `Stack ${stack} has ${changes.length} changes that are not deployed. Deploy them first: pulumi up --stack ${stack}\n${shown.join("\n")}`,
  );
}

async function preview({ plan, takesBack }: Chosen, stage: Stage, text: string): Promise<void> {
  const [first] = plan.updates;
  if (first === undefined) return;
  const changes = await stage.pulumi.preview(stage.edited(text, takesBack ? plan.back : first.edits));
  const lines = changes.map((change) => `  ${showChange(change)}`);
  tell(`\nThe first update would change, and nothing was changed now:\n${lines.join("\n") || "  nothing"}`);
}

async function confirm({ yes }: Asked): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new UserError("Nobody can be asked: the input is not a terminal. To start without asking, add --yes");
  if (!(await ask("Start?", false))) throw new UserError("Not started. Nothing was changed.");
}

const imageBefore = ({ before }: Chosen, situation: Situation) =>
  before.variants.find(({ weight }) => weight > 0)?.image ?? runningReference(situation);

function stageFor({ stack, bakeSeconds, yes }: Asked, chosen: Chosen, situation: Situation): Stage {
  const { project, root, settings } = situation;
  const name = `Pulumi.${stack}.yaml`;
  const path = join(projectFolder, name);
  const { plan } = chosen;
  const leaving = awsTargets.filter(({ name }) => plan.target !== undefined && plan.target !== name);
  const context = { root, variants: variantsOf(plan), leaving: leaving.map(({ componentType }) => componentType) };
  const limits = {
    replicas: () => boundsAt(settings.schedule, settings.replicas, new Date()).min,
    errorPercent: settings.alarms.errorPercent,
  };
  return {
    file: { name, read: () => readFileSync(path, "utf8"), write: (text) => writeFileSync(path, text) },
    edited: (text, edits) => edited(text, edits, { file: name, project }),
    pulumi: pulumiCli(stack, (line) => tell(`  ${line}`)),
    unexpected: (kind, changes) => unexpected(kind, changes, context),
    live: async () => liveShares(await deployedStack(stack), root),
    bake: async (gainers, signal) => {
      const deployed = await deployedStack(stack);
      const watched = watchedVariants(deployed, root).filter(({ variant }) => gainers.includes(variant));
      const reader = watch(deployed.connection);
      return bake({
        seconds: bakeSeconds,
        read: (since) => reader(watched, since),
        limits,
        signal,
        tell: (text) => tell(`  ${text}`),
      });
    },
    tell,
    who: `${userInfo().username}@${hostname()}`,
    imageBefore: imageBefore(chosen, situation),
    interruption: untilInterrupted(tell, !yes && process.stdin.isTTY === true),
  };
}

run(main);
