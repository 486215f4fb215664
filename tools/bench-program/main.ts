import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { countsIn, tellGrowth } from "./grow";
import { measure, median, type Usage } from "./measure";

const usage = `npm run bench:program -- [--variants 1,2,5]

Evaluates stack dev offline, five times, and prints the time and the memory of
the whole process. CDK_FOLDER names a folder with aws-cdk-lib to compare with.
--variants counts what further variants add to the program instead.`;

const runs = 5;
const evaluationLimitSeconds = 1;
const ratioLimit = 0.7;

/** The two programs alternate, so that a slow minute of the machine slows both. */
async function takeTurns(cdkFolder: string | undefined) {
  const outdir = mkdtempSync(join(tmpdir(), "bench-program-"));
  const ours: Usage[] = [];
  const cdks: Usage[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      ours.push(await measure(["-r", "ts-node/register", join(__dirname, "evaluate-dev.ts")]));
      if (!cdkFolder) continue;
      const env = { NODE_PATH: join(cdkFolder, "node_modules"), CDK_OUTDIR: outdir };
      cdks.push(await measure([join(__dirname, "cdk-app.js")], env));
    }
  } finally {
    rmSync(outdir, { recursive: true });
  }
  return { ours, cdks };
}

const of = (usages: readonly Usage[], read: (usage: Usage) => number | undefined) =>
  median(usages.flatMap((usage) => read(usage) ?? []));

function report(subject: string, usages: readonly Usage[]) {
  const [seconds, cpuSeconds, peakMiB] = [
    of(usages, (usage) => usage.seconds),
    of(usages, (usage) => usage.cpuSeconds),
    of(usages, (usage) => usage.peakMiB),
  ];
  const cpu = `${cpuSeconds.toFixed(2)} s of CPU`;
  console.log(`${subject}: ${seconds.toFixed(2)} s (${cpu}), ${peakMiB.toFixed(0)} MiB at its peak`);
  return { seconds, peakMiB };
}

function judge(text: string, value: number, limit: number): void {
  const met = value <= limit;
  console.log(`${text} (limit ${limit}: ${met ? "met" : "missed"})`);
  if (!met) process.exitCode = 1;
}

async function growth(variants: string): Promise<void> {
  const counts = countsIn(variants);
  if (!counts)
    throw new UserError(`--variants is ${variants}; expected two or more rising counts up to 5, such as 1,2,5`);
  if (!(await tellGrowth(counts))) process.exitCode = 1;
}

async function main(): Promise<void> {
  const { variants, help: asks } = optionsOf(process.argv.slice(2), { variants: text, help }, usage);
  if (asks) return console.log(usage);
  if (variants !== undefined) return growth(variants);
  const cdkFolder = process.env.CDK_FOLDER && resolve(process.env.CDK_FOLDER);
  if (cdkFolder && !existsSync(join(cdkFolder, "node_modules/aws-cdk-lib")))
    throw new UserError(
      `CDK_FOLDER is ${cdkFolder}; expected a folder in which you ran npm install aws-cdk-lib constructs`,
    );
  const { ours, cdks } = await takeTurns(cdkFolder);
  console.log(`medians of ${runs} runs`);
  const evaluation = of(ours, ({ evaluationSeconds }) => evaluationSeconds);
  const cpu = of(ours, ({ evaluationCpuSeconds }) => evaluationCpuSeconds).toFixed(2);
  const evaluating = `evaluating dev beyond its imports: ${evaluation.toFixed(2)} s (${cpu} s of CPU)`;
  judge(evaluating, evaluation, evaluationLimitSeconds);
  const us = report("the whole process", ours);
  if (cdks.length === 0) {
    console.log(
      "CDK was not measured. Run npm install aws-cdk-lib constructs in another\nfolder and name it in CDK_FOLDER.",
    );
    return;
  }
  const cdk = report("CDK, one ApplicationLoadBalancedFargateService", cdks);
  judge(`our share of CDK's time: ${(us.seconds / cdk.seconds).toFixed(2)}`, us.seconds / cdk.seconds, ratioLimit);
  judge(`our share of CDK's memory: ${(us.peakMiB / cdk.peakMiB).toFixed(2)}`, us.peakMiB / cdk.peakMiB, ratioLimit);
}

run(main);
