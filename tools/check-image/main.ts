import { join } from "node:path";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { requestTemplates } from "../load/request-template";
import { projectFolder, readProject } from "../stack/file";
import { writeStackFields } from "../stack/value";
import { Docker } from "../start/docker";
import { type AskedCheck, readArguments, usage } from "./arguments";
import { checks } from "./checks";
import { contextOf } from "./context";
import { type Finding, ok } from "./finding";
import { guessedPreset, type ImageFacts, provideImage } from "./image";
import { folderFindings, pinCommand } from "./place";
import { planOf } from "./plan";
import { Progress } from "./progress";
import { conclusion, linesOf } from "./report";
import { runChecks } from "./run-checks";
import { suggestionsOf } from "./suggestions";

run(async () => {
  const asked = readArguments(process.argv.slice(2));
  if (asked === undefined) return console.log(usage);
  // An interrupted check still removes its containers.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
  const docker = new Docker();
  const silence = await docker.silence();
  if (silence !== undefined) throw new UserError(`Docker cannot be used: ${silence}. Start Docker.`);
  await check(asked, docker);
});

async function check(asked: AskedCheck, docker: Docker): Promise<void> {
  const { stack, place, headers, write } = asked;
  const { settings } = planOf(stack, undefined);
  const image = await provideImage(docker, {
    place,
    ...(stack !== undefined && { image: settings.image, build: settings.build }),
  });
  const { plan, findings: ofPreset } = choosePreset(asked, image);
  const isOurs = plan.settings.container.preset === "ours";
  const requests = (asked.request ?? isOurs) ? await requestTemplates(asked.request ?? {}) : undefined;
  const progress = new Progress();
  const { cpuUnits, memoryMiB } = plan.specWith();
  console.log(`${image.name} with ${cpuUnits / 1024} vCPU and ${memoryMiB} MiB\n`);
  const print = (name: string, found: readonly Finding[]) => {
    progress.clear();
    for (const finding of found) console.log(linesOf(name, finding).join("\n"));
  };
  print("preset", ofPreset);
  const ofFolder = image.folder === undefined ? [] : folderFindings(image.folder, settings);
  print("folder", ofFolder);
  const context = await contextOf({ docker, image, plan, progress, headers, ...(requests && { requests }) });
  const findings = [...ofPreset, ...ofFolder, ...(await runChecks(checks, context, print))];
  const suggestions = suggestionsOf(findings);
  if (stack !== undefined && write) {
    const file = join(projectFolder, `Pulumi.${stack}.yaml`);
    writeStackFields(file, readProject().name, suggestions);
  }
  console.log(`\n${conclusion(findings, suggestions, { ...(stack && { stack }), written: write })}`);
  if (place !== undefined && image.folder === undefined && place !== settings.image)
    console.log(`\nNext, to deploy this image:\n  ${pinCommand(place, stack)}`);
  process.exitCode = findings.some(({ verdict }) => verdict === "problem") ? 1 : 0;
}

/** The one asked for, or the stack's, or a guess. */
function choosePreset({ stack, preset }: AskedCheck, image: ImageFacts) {
  const ofStack = planOf(stack, preset);
  if (preset === undefined && ofStack.names("preset"))
    return { plan: ofStack, findings: [ok(`${ofStack.settings.container.preset}, from Pulumi.${stack}.yaml.`)] };
  const chosen = preset ?? guessedPreset(image);
  const plan = preset === undefined ? planOf(stack, chosen) : ofStack;
  const origin = preset === undefined ? "guessed from the image; --preset takes another" : "from --preset";
  const isSet = ofStack.settings.container.preset === chosen && preset === undefined;
  return { plan, findings: [ok(`${chosen}, ${origin}.`, isSet ? undefined : { "container.preset": chosen })] };
}
