import { readFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../modelling/command";
import { bundledPhotos } from "../modelling/photos";
import { FatalError } from "../src/fatal-error";
import { Session } from "../src/inference-worker";
import { locateModel } from "../src/model-source";
import { decodeImage } from "../src/preprocess";

/** Where the CPU time of an image goes: one thread, and the least of several turns, which other work on the machine disturbs least. */
runCommand(async () => {
  const source = await locateModel(path.join(__dirname, "..", ".cache", "resnet50"), "fp32");
  const { manifest, folder, file } = source;
  if (manifest.input !== "image") throw new FatalError(`${folder} is no model of pictures`);
  const { size } = manifest.image;
  const photo = await readFile(path.join(bundledPhotos, "rocket.jpg"));
  const pixels = await decodeImage(photo, manifest.image);
  const setup = { modelFile: path.join(folder, file.file), threads: 1, maxBatch: 4, shape: [3, size, size] };
  const session = await Session.open({ ...setup, pixels: manifest.image });
  const parts: [what: string, turns: number, images: number, work: () => Promise<unknown>][] = [
    ["decode and frame rocket.jpg", 60, 1, () => decodeImage(photo, manifest.image)],
    ["run of 1", 12, 1, () => session.run([pixels])],
    ["run of 4, an image", 6, 4, () => session.run([pixels, pixels, pixels, pixels])],
  ];
  for (const [what, turns, images, work] of parts) {
    console.log(`${what.padEnd(30)} ${((await leastCpuMs(turns, work)) / images).toFixed(1)} ms CPU`);
  }
});

async function leastCpuMs(turns: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
