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
import { type Missing, missingServers, type Name, names } from "./contestants";
import { openLimits } from "./limits";
import { pictureForm } from "./load";
import {
  isDisturbed,
  measureHealthRate,
  measureOverloads,
  measureStarts,
  measureThroughput,
  type Setup,
} from "./measure";
import { fullPlan, type Plan, quickPlan } from "./plan";
import { type Report, table } from "./report";
import { encodeSafetensors } from "./safetensors";
import { assertSameAnswers } from "./same-answers";
import { type Running, residentMb, start, stop } from "./servers";

const cache = path.join(__dirname, "..", ".cache");
const modelFolder = path.join(cache, "resnet50");
const photo = "rocket.jpg";

runCommand(async (args) => {
  if (args.some((arg) => arg !== "--quick")) throw new FatalError("usage: npm run bench -- [--quick]");
  if (!existsSync(path.join(modelFolder, "resnet50-int8.onnx"))) {
    console.error(`making the model to measure in ${modelFolder}, once`);
    await makeResnet50(modelFolder);
  }
  const cpu = { ...describeCpu(), cores: availableParallelism() };
  console.log(`${cpu.model}, ${cpu.cores} cores, ${cpu.extensions.join(" ") || "no"} extensions; ${photo} to ResNet50`);
  const missing = missingServers();
  for (const { name, why } of missing) console.log(`without ${name}: ${why}`);
  const setup = await prepare(args.length > 0 ? quickPlan : fullPlan, missing);
  const report = { date: new Date().toISOString(), cpu, photo, missing, ...(await measure(setup)) };
  const file = path.join(cache, "bench.json");
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${table(report)}\n\n${disturbedSlices(report)}\nwritten to ${file}`);
});

async function prepare(plan: Plan, missing: readonly Missing[]): Promise<Setup> {
  const safetensors = path.join(cache, "resnet50.safetensors");
  await mkdir(cache, { recursive: true });
  const measured: Name[] = names.filter((name) => !missing.some((one) => one.name === name));
  if (measured.includes("Flask")) await writeFile(safetensors, encodeSafetensors(buildResnet50(defaultSeed).graph));
  const form = pictureForm(await readFile(path.join(bundledPhotos, photo)));
  const models = { folder: modelFolder, safetensors };
  return { plan, names: measured, models, form, say: (line) => console.error(line) };
}

async function measure(setup: Setup): Promise<Pick<Report, "results" | "gflops">> {
  const starts = await measureStarts(setup);
  const servers: Running[] = [];
  try {
    for (const name of setup.names) servers.push(await start(name, setup.models));
    await assertSameAnswers(servers, setup.form);
    const { slices, gflops } = await measureThroughput(setup, servers, await openLimits(availableParallelism()));
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
    return { results, gflops };
  } finally {
    await Promise.all(servers.map(stop));
  }
}

function disturbedSlices({ results }: Report): string {
  const measurements = results.flatMap(({ slices, overloads }) => [...slices, ...overloads]);
  const disturbed = measurements.filter(isDisturbed).length;
  return `in ${disturbed} of ${measurements.length} measurements other work took more than 10 % of the machine's CPU`;
}
