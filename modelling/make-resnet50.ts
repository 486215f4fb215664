import path from "node:path";
import { FatalError } from "../app/src/fatal-error";
import { runCommand } from "./command";
import { costOf } from "./onnx/cost";
import { makeResnet50 } from "./resnet50/resnet50-folder";

runCommand(async (args) => {
  const [folder = path.join(__dirname, ".cache", "resnet50")] = args;
  if (args.length > 1) throw new FatalError("usage: npm run resnet50 -- [folder]");
  const { model, weightBits } = await makeResnet50(folder);
  const { nodes, parameters, macs } = costOf(model.graph);
  console.log(
    `${folder}: ${nodes} nodes, ${(parameters / 1e6).toFixed(2)} M parameters, ${(macs / 1e9).toFixed(3)} GMAC`,
  );
  console.log(`int8 weights have ${weightBits} bits, for this machine's CPU`);
});
