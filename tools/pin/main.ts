import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../../components/core/reason";
import { flag, help, optionsOf } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { newestBases, type Pin, withBases } from "./bases";

const usage = `npm run pin -- --base

--base writes the newest digest of the base image into app/Dockerfile. The next
pulumi up builds and rolls out an image with the patches of the new base.`;

const dockerfile = "app/Dockerfile";
const limitMs = 30_000;

async function main(): Promise<void> {
  const { base, help: asks } = optionsOf(process.argv.slice(2), { base: flag, help }, usage);
  if (asks) return console.log(usage);
  if (!base) throw new UserError(`--base is missing\n\n${usage}`);
  const path = join(projectFolder, dockerfile);
  const text = readFileSync(path, "utf8");
  const pins = await newest(text);
  writeFileSync(path, withBases(text, pins));
  for (const { before, after } of pins) {
    console.log(
      before === after ? `${dockerfile}: ${after} is the newest` : `${dockerfile}: ${before}\n  is now ${after}`,
    );
  }
}

async function newest(text: string): Promise<Pin[]> {
  try {
    return await newestBases(text, AbortSignal.timeout(limitMs));
  } catch (error) {
    const { cause } = error as Error;
    throw new UserError(`Could not read the base image from its registry: ${reasonOf(cause ?? error)}`);
  }
}

run(main);
