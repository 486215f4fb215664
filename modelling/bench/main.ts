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
import { isOurs, type Name, names } from "./contestants";
import { measureLargePhotos } from "./large-photos";
import { openLimits } from "./limits";
import { pictureForm } from "./load";
import { measureHealthRate, measureOverloads, measureStarts, measureThroughput, type Setup } from "./measure";
import { type Missing, missingServers } from "./missing";
import { fullPlan, minutesOf, type Plan, quickPlan } from "./plan";
import { writeReadme } from "./readme";
import { describeReport, type Report } from "./report";
import { encodeSafetensors } from "./safetensors";
import { assertSameAnswers } from "./same-answers";
import { type Running, residentMb, start, stop } from "./servers";

const cache = path.join(__dirname, "..", ".cache");
const modelFolder = path.join(cache, "resnet50");
const photo = "rocket.jpg";
const usage = "usage: npm run bench -- [--quick] [--readme]\n--readme also writes the tables into app/README.md";

runCommand(async (args) => {
  if (args.some((arg) => arg !== "--quick" && arg !== "--readme")) throw new FatalError(usage);
  const isQuick = args.includes("--quick");
  if (!existsSync(path.join(modelFolder, "resnet50-int8.onnx"))) {
    console.error(`making the model to measure in ${modelFolder}, once`);
    await makeResnet50(modelFolder);
  }
  const missing = missingServers();
  const setup = await prepare(isQuick ? quickPlan : fullPlan, missing);
  for (const { name, why } of missing) console.error(`without ${name}: ${why}`);
  console.error(`${setup.names.length} servers, about ${expectedMinutes(setup)} minutes on a quiet machine`);
  const report: Report = {
    ...{ date: new Date().toISOString(), node: process.versions.node, photo, isQuick, missing },
    cpu: { ...describeCpu(), cores: availableParallelism() },
    ...(await measure(setup)),
  };
  const file = path.join(cache, "bench.json");
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  const text = describeReport(report);
  console.log(`\n${text}\n\nwritten to ${file}`);
  if (args.includes("--readme")) writeReadme(text);
});

function expectedMinutes({ plan, names: measured }: Setup): number {
  const ours = measured.filter(isOurs).length;
  return minutesOf(plan, { ours, others: measured.length - ours });
}

async function prepare(plan: Plan, missing: readonly Missing[]): Promise<Setup> {
  const safetensors = path.join(cache, "resnet50.safetensors");
  await mkdir(cache, { recursive: true });
  const measured: Name[] = names.filter((name) => !missing.some((one) => one.name === name));
  if (measured.includes("Flask torch fp32")) {
    await writeFile(safetensors, encodeSafetensors(buildResnet50(defaultSeed).graph));
  }
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
    const largePhotos = await measureLargePhotos(setup, servers);
    const results = setup.names.map((name) => ({
      name,
      startMs: starts.get(name) ?? [],
      residentMb: memory.get(name) ?? Number.NaN,
      slices: slices.get(name) ?? [],
      overloads: overloads.get(name) ?? [],
      largePhotos: largePhotos.get(name) ?? [],
      healthPerSecond: health.get(name) ?? [],
    }));
    return { results, gflops };
  } finally {
    await Promise.all(servers.map(stop));
  }
}
