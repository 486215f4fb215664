import path from "node:path";
import { FatalError } from "../src/fatal-error";
import { runCommand } from "./command";
import { costOf } from "./cost";
import { describeCpu } from "./cpu";
import { bundledPhotos } from "./photos";
import { quantiseFolder, weightBitsFor } from "./quantise-folder";
import { buildResnet50, defaultSeed } from "./resnet50";
import { writeResnet50 } from "./resnet50-folder";

runCommand(async (args) => {
  const [folder = path.join(__dirname, "..", ".cache", "resnet50")] = args;
  if (args.length > 1) throw new FatalError("usage: npm run model:resnet50 -- [folder]");
  const model = buildResnet50(defaultSeed);
  await writeResnet50(folder, model);
  const bits = weightBitsFor(describeCpu());
  await quantiseFolder(folder, bundledPhotos, bits);
  const { nodes, parameters, macs } = costOf(model.graph);
  console.log(
    `${folder}: ${nodes} nodes, ${(parameters / 1e6).toFixed(2)} M parameters, ${(macs / 1e9).toFixed(3)} GMAC`,
  );
  console.log(`int8 weights have ${bits} bits, for this machine's CPU`);
});
