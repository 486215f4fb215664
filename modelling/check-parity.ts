import { FatalError } from "../app/src/fatal-error";
import { runCommand } from "./command";
import { measureParity, parityProblems } from "./parity/parity";
import { bundledPhotos } from "./photos";

const usage = "usage: npm run parity -- <model folder> [least cosine, 0 to 1] [photo folder]";

runCommand(async ([folder, least = "0", photoFolder = bundledPhotos, ...rest]) => {
  const leastCosine = Number(least);
  if (folder === undefined || rest.length > 0 || !(leastCosine >= 0 && leastCosine <= 1)) throw new FatalError(usage);
  const rows = await measureParity(folder, photoFolder);
  for (const { file, fp32Class, int8Class, cosine } of rows) {
    const same = fp32Class === int8Class ? "same top-1" : `top-1 ${int8Class}, not ${fp32Class}`;
    console.log(`${file.padEnd(24)} cosine ${cosine.toFixed(5)}  ${same}`);
  }
  const agreeing = rows.filter(({ fp32Class, int8Class }) => fp32Class === int8Class).length;
  const cosines = rows.map(({ cosine }) => cosine);
  const mean = cosines.reduce((sum, each) => sum + each, 0) / cosines.length;
  console.log(
    `top-1 agrees on ${agreeing} of ${rows.length}; cosine mean ${mean.toFixed(5)}, least ${Math.min(...cosines).toFixed(5)}`,
  );
  const problems = parityProblems(rows, leastCosine);
  if (problems.length > 0) throw new FatalError(problems.join("\n"));
});
