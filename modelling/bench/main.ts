import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { FatalError } from "../../app/src/fatal-error";
import { runCommand } from "../command";
import { describeCpu } from "../cpu";
import { bundledPhotos } from "../photos";
import { buildResnet50, defaultSeed } from "../resnet50/resnet50";
import { makeResnet50 } from "../resnet50/resnet50-folder";
import { missingForReference, type Name, type Running, residentMb, start, stop } from "./contestants";
import { pictureForm } from "./load";
import { measureHealthRate, measureOverloads, measureStarts, measureThroughput, type Setup } from "./measure";
import { fullPlan, type Plan, quickPlan } from "./plan";
import { type Report, table } from "./report";
import { encodeSafetensors } from "./safetensors";
import { assertSameAnswers } from "./same-answers";
import { Sgemm } from "./sgemm";
import { median } from "./statistics";

const cache = path.join(__dirname, "..", ".cache");
const modelFolder = path.join(cache, "resnet50");
const photo = "rocket.jpg";
const flopsPerImage = 2 * 4.089e9;

runCommand(async (args) => {
  if (args.some((arg) => arg !== "--quick")) throw new FatalError("usage: npm run bench -- [--quick]");
  if (!existsSync(path.join(modelFolder, "resnet50-int8.onnx"))) {
    console.error(`making the model to measure in ${modelFolder}, once`);
    await makeResnet50(modelFolder);
  }
  const cpu = { ...describeCpu(), cores: availableParallelism() };
  console.log(`${cpu.model}, ${cpu.cores} cores, ${cpu.vnni ? "with" : "without"} VNNI; ${photo} to ResNet50`);
  const referenceMissing = missingForReference();
  if (referenceMissing) {
    console.log(`no reference server: ${referenceMissing} (bench/reference/requirements.txt); measuring ours alone`);
  }
  const setup = await prepare(args.length > 0 ? quickPlan : fullPlan, referenceMissing === undefined);
  const report = { date: new Date().toISOString(), cpu, photo, referenceMissing, ...(await measure(setup)) };
  const file = path.join(cache, "bench.json");
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${table(report)}\n\nsgemm beside it: ${report.sgemmImagesPerSecond.toFixed(1)} images/s`);
  console.log(`${disturbedSlices(report)}\nwritten to ${file}`);
});

async function prepare(plan: Plan, withReference: boolean): Promise<Setup> {
  const weights = path.join(cache, "resnet50.safetensors");
  await mkdir(cache, { recursive: true });
  if (withReference) await writeFile(weights, encodeSafetensors(buildResnet50(defaultSeed).graph));
  const form = pictureForm(await readFile(path.join(bundledPhotos, photo)));
  const names: Name[] = withReference ? ["reference", "fp32", "int8"] : ["fp32", "int8"];
  return { plan, names, modelFolder, weights, form, say: (line) => console.error(line) };
}

async function measure(setup: Setup): Promise<Pick<Report, "results" | "sgemmGflops" | "sgemmImagesPerSecond">> {
  const starts = await measureStarts(setup);
  const servers: Running[] = [];
  try {
    for (const name of setup.names) servers.push(await start(name, modelFolder, setup.weights));
    await assertSameAnswers(servers, setup.form);
    const { slices, gflops } = await measureThroughput(setup, servers, await Sgemm.open(availableParallelism()));
    const memory = new Map(servers.map((server) => [server.name, residentMb(server)]));
    const health = await measureHealthRate(setup, servers);
    const overloads = await measureOverloads(setup, servers, slices);
    const results = setup.names.map((name) => ({
      name,
      startMs: starts.get(name) ?? [],
      residentMb: memory.get(name) ?? Number.NaN,
      slices: slices.get(name) ?? [],
      overloads: overloads.get(name) ?? [],
      healthPerSecond: health.get(name) ?? [],
    }));
    return { results, sgemmGflops: gflops, sgemmImagesPerSecond: (median(gflops) * 1e9) / flopsPerImage };
  } finally {
    await Promise.all(servers.map(stop));
  }
}

function disturbedSlices({ results }: Report): string {
  const shares = results.flatMap(({ slices, overloads }) => [...slices, ...overloads]).map((each) => each.foreignShare);
  const disturbed = shares.filter((share) => share > 0.1).length;
  return `in ${disturbed} of ${shares.length} measurements other work took more than 10 % of the machine's CPU`;
}
