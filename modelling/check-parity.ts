import { FatalError } from "../app/src/fatal-error";
import { libraryFile, usualFolder } from "../app/src/inference/backends/openvino-library";
import { runCommand } from "./command";
import { measureParity, type Parity, parityProblems, type Variant } from "./parity/parity";
import { bundledPhotos } from "./photos";

const usage = "usage: npm run parity -- <model folder> [least cosine, 0 to 1] [photo folder]";

runCommand(async ([folder, least = "0", photoFolder = bundledPhotos, ...rest]) => {
  const leastCosine = Number(least);
  if (folder === undefined || rest.length > 0 || !(leastCosine >= 0 && leastCosine <= 1)) throw new FatalError(usage);
  const library = libraryFile(process.env.OPENVINO_FOLDER ?? usualFolder);
  if (library === undefined) console.log("OpenVINO is not compared: app/openvino/install.sh installs it");
  const rows = await measureParity(folder, photoFolder, library);
  for (const variant of new Set(rows.map((row) => row.variant))) report(variant, rows);
  const problems = parityProblems(rows, leastCosine);
  if (problems.length > 0) throw new FatalError(problems.join("\n"));
});

function report(variant: Variant, all: Parity[]): void {
  const rows = all.filter((row) => row.variant === variant);
  for (const { file, fp32Class, ownClass, cosine } of rows) {
    const same = fp32Class === ownClass ? "same top-1" : `top-1 ${ownClass}, not ${fp32Class}`;
    console.log(`${file.padEnd(24)} cosine ${cosine.toFixed(5)}  ${same}`);
  }
  const agreeing = rows.filter(({ fp32Class, ownClass }) => fp32Class === ownClass).length;
  const cosines = rows.map(({ cosine }) => cosine);
  const mean = cosines.reduce((sum, each) => sum + each, 0) / cosines.length;
  const least = Math.min(...cosines);
  console.log(
    `${variant}: top-1 agrees on ${agreeing} of ${rows.length}; cosine mean ${mean.toFixed(5)}, least ${least.toFixed(5)}`,
  );
}
