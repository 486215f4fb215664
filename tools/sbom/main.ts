import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag, help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { imageBom, programBom, runtimeOf } from "./bom";
import { byLicence, licenceOf, refusedLicences } from "./licences";
import { openvinoParts } from "./openvino";
import { imageFiles, imagePackages, programPackages, type Runtime, runtimes } from "./shipped";

const usage = `npm run sbom -- [--out sbom] [--runtime openvino]
                [--image inference:local] [--list]

Writes what the program and the image consist of, as CycloneDX 1.6:
program.cdx.json and image.cdx.json. Prints the licences, and fails at one that
tools/sbom/licences.ts does not allow.

--out      the folder for the files
--runtime  the build argument RUNTIME of the image: ${runtimes.join(" or ")}
--image    a built image on this machine: adds its Debian packages and Node, and
           decides the runtime
--list     prints every package with its licence`;

run(async () => {
  const or = (value: string) => ({ ...text, default: value });
  const options = { out: or("sbom"), runtime: or("onnxruntime"), image: text, list: flag, help };
  const { out, runtime: named, image, list, help: asksHelp } = optionsOf(process.argv.slice(2), options, usage);
  if (asksHelp) return console.log(usage);
  const runtime = image === undefined ? runtimeNamed(named) : runtimeOf(image);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "program.cdx.json"), programBom());
  writeFileSync(join(out, "image.cdx.json"), imageBom(image, runtime));
  const openvino = runtime === "openvino" ? openvinoParts() : [];
  const parts = { program: programPackages(), image: [...imagePackages(runtime), ...openvino, ...imageFiles()] };
  const refused = Object.values(parts).flatMap(refusedLicences);
  for (const [part, shipped] of Object.entries(parts)) {
    console.log(`${join(out, part)}.cdx.json`);
    for (const [licence, those] of byLicence(shipped)) {
      console.log(`  ${licence}: ${those.length}`);
      if (list) for (const { name, version = "" } of those) console.log(`    ${name} ${version}`);
    }
  }
  if (refused.length === 0) return;
  const lines = refused.map((one) => `  ${one.name} ${one.version ?? ""}: ${licenceOf(one)}`);
  throw new UserError(["Licences that tools/sbom/licences.ts does not allow:", ...lines].join("\n"));
});

function runtimeNamed(name: string): Runtime {
  const runtime = runtimes.find((one) => one === name);
  if (runtime === undefined) throw new UserError(`--runtime is ${name}; expected ${runtimes.join(" or ")}`);
  return runtime;
}
