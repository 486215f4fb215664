import { FatalError } from "../app/src/fatal-error";
import { runCommand } from "./command";
import { describeCpu } from "./cpu";
import type { WeightBits } from "./quantise/quantise";
import { quantiseFolder, weightBitsFor } from "./quantise/quantise-folder";

const usage = "usage: npm run quantise -- <model folder> <photo folder> [7|8, the weights' bits]";

runCommand(async ([folder, photoFolder, bits, ...rest]) => {
  if (folder === undefined || photoFolder === undefined || rest.length > 0) throw new FatalError(usage);
  const weightBits = bits === undefined ? weightBitsFor(describeCpu()) : parseBits(bits);
  const file = await quantiseFolder(folder, photoFolder, weightBits);
  console.log(`${folder}: wrote ${file} with ${weightBits}-bit weights; npm run parity says how near it is`);
});

function parseBits(text: string): WeightBits {
  if (text === "7") return 7;
  if (text === "8") return 8;
  throw new FatalError(`the weights' bits are "${text}"; expected 7 (x86 without VNNI) or 8`);
}
