import { readFileSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
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
import { imageOf, lastBase } from "./journal";
import { type Goal, serving, variantsOf } from "./plan";
import { type Change, showChange, unexpected } from "./preview-gate";
import { pulumiCli } from "./pulumi";
import { readAgain } from "./read-again";
import { limitsOf, refuseAsleep, refuseUnready } from "./readiness";
import { passes, rehearse } from "./rehearsal";
import { commandFor, liveShares, runningReference, type Situation, situationOf } from "./situation";
import { changedLines, edited, hasValues, isAdded, refuseUneditable, withoutMarks } from "./stack-file";
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
  const { project, shares } = situation;
  const place = { file: `Pulumi.${stack}.yaml`, project };
  const path = join(projectFolder, place.file);
  const text = readFileSync(path, "utf8");
  refuseUneditable(text, place);
  const chosen = choose(goal, asked.steps, situation, {
    config: configIn(path),
    has: (edits) => hasValues(text, edits, place),
    isAdded: (key) => isAdded(text, key, place),
    restores: (plan) => passes(text, plan, place),
  });
  const isFresh = !chosen.resumes && !chosen.takesBack;
  if (isFresh) rehearse(text, chosen.plan, place);
  const before = imageBefore(chosen, situation);
  tell(describePlan(chosen, { stack, bakeSeconds: asked.bakeSeconds, live: shares.live, before }));
  const stage = stageFor(asked, goal, chosen, situation);
  const limits = limitsOf(situation.settings);
  if (!chosen.takesBack && chosen.plan.gainers.length > 0) refuseAsleep(stack, limits);
  if (isFresh) refuseUnready(stack, await readingsOf(chosen.plan.gainers, situation), limits);
  if (isFresh && goal !== "back") refuseUndeployed(stack, await stage.pulumi.preview(text, stage.interruption.signal));
  if (asked.dryRun) return preview(chosen, stage, text);
  if (stage.interruption.signal.aborted) throw new UserError("Interrupted. Nothing was changed.");
  await confirm(asked);
  if (chosen.takesBack) return takeBack(chosen.plan, stage);
  const original = stage.edited(text, chosen.plan.back);
  await carryOut(chosen.plan, stage);
  const released = withoutMarks(stage.file.read());
  stage.file.write(released);
  const lines = changedLines(withoutMarks(original), released);
  tell(`\nReleased ${chosen.plan.title}. Commit ${place.file}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

/** Of those of the variants that run. */
const readingsOf = (variants: readonly string[], { deployed, root }: Pick<Situation, "deployed" | "root">) => {
  const watched = watchedVariants(deployed, root).filter(({ variant }) => variants.includes(variant));
  return readAgain("the alarms and replicas", () => watch(deployed.connection)(watched, new Date()));
};

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
  const after = stage.edited(text, takesBack ? plan.back : first.edits);
  const changes = await stage.pulumi.preview(after, stage.interruption.signal);
  const lines = changes.map((change) => `  ${showChange(change)}`);
  tell(`\nThe first update would change, and nothing was changed now:\n${lines.join("\n") || "  nothing"}`);
}

async function confirm({ yes }: Asked): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new UserError("Nobody can be asked: the input is not a terminal. To start without asking, add --yes");
  if (!(await ask("Start?", false))) throw new UserError("Not started. Nothing was changed.");
}

/** Of a release that goes on, the state may have the new image already. */
function imageBefore({ before, resumes }: Chosen, situation: Situation): string {
  const [first] = serving(before.variants);
  const { history, project } = situation;
  const base = resumes ? before.base : lastBase(history, project);
  const declared = (first && base && imageOf(first.name, base)) ?? "";
  return declared.includes("@") ? declared : runningReference(situation);
}

function stageFor(
  { stack, bakeSeconds, yes }: Asked,
  goal: Goal | "back",
  chosen: Chosen,
  situation: Situation,
): Stage {
  const { project, root, settings } = situation;
  const name = `Pulumi.${stack}.yaml`;
  const path = join(projectFolder, name);
  const place = { file: name, project };
  const { plan } = chosen;
  const leaving = awsTargets.filter(({ name }) => plan.target !== undefined && plan.target !== name);
  const context = { root, variants: variantsOf(plan), leaving: leaving.map(({ componentType }) => componentType) };
  return {
    file: { name, read: () => readFileSync(path, "utf8"), write: (text) => writeFileSync(path, text) },
    edited: (text, edits) => edited(text, edits, place),
    isAdded: (text, key) => isAdded(text, key, place),
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
        limits: limitsOf(settings),
        signal,
        tell: (text) => tell(`  ${text}`),
      });
    },
    tell,
    who: `${userInfo().username}@${hostname()}`,
    imageBefore: imageBefore(chosen, situation),
    goesOnWith: goal === "back" ? commandFor(plan.title) : "the same command",
    interruption: untilInterrupted(tell, !yes && process.stdin.isTTY && process.stdout.isTTY),
  };
}

run(main);
