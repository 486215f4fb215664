import { readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { dockerfileOf } from "../../components/core/build";
import { reasonOf } from "../../components/core/reason";
import { keys } from "../../components/settings/keys";
import { flag, help, positionalsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { type Config, projectFolder, readProject, refuseUnknownStack, stackConfig } from "../stack/file";
import { newestBases, type Pin, withBases } from "./bases";
import { pinImage } from "./image";

const usage = `npm run pin -- <image>[:tag] [--stack <stack>] [--variant <name>]
npm run pin -- --base [--stack <stack>]

Finds the digest that a tag names now, in ECR with the AWS sign-in of the stack,
in other registries with its imageCredentials or docker login, and writes the
image line of the stack file, or that of one variant. Without --stack it prints
the line.

--base writes the newest digest of the base images into the Dockerfile that the
stack builds, or into app/Dockerfile. The next pulumi up builds and rolls out an
image with the patches of the new base.`;

const limitMs = 30_000;

async function main(): Promise<void> {
  const options = { base: flag, stack: text, variant: text, help };
  const { values, positionals } = positionalsOf(process.argv.slice(2), options, usage);
  const { base, stack, variant, help: asks } = values;
  if (asks) return console.log(usage);
  const [image, ...others] = positionals;
  if (others.length > 0 || (image === undefined) === (base === undefined))
    throw new UserError(`Expected one image, or --base\n\n${usage}`);
  if (variant !== undefined && (image === undefined || stack === undefined))
    throw new UserError(`--variant is ${variant}; expected an image and --stack as well\n\n${usage}`);
  if (image === undefined) return pinBases(stack);
  await pinImage(image, { stack, variant });
}

async function pinBases(stack: string | undefined): Promise<void> {
  if (stack !== undefined) refuseUnknownStack(stack);
  const config = stack === undefined ? {} : stackConfig(stack);
  const dockerfile = builtDockerfile(config);
  const path = isAbsolute(dockerfile) ? dockerfile : join(projectFolder, dockerfile);
  const before = readFileSync(path, "utf8");
  const pins = await newest(before, config);
  writeFileSync(path, withBases(before, pins));
  for (const { before, after } of pins) {
    console.log(
      before === after ? `${dockerfile}: ${after} is the newest` : `${dockerfile}: ${before}\n  is now ${after}`,
    );
  }
}

function builtDockerfile(config: Config): string {
  const given = config[`${readProject().name}:build`] ?? keys.build.fallback;
  const build = keys.build.schema.read(given, "build", []);
  if (build === undefined) throw new UserError("The key build is not valid: pulumi preview says what is wrong");
  return dockerfileOf(build);
}

async function newest(text: string, config: Config): Promise<Pin[]> {
  try {
    return await newestBases(text, AbortSignal.timeout(limitMs), config);
  } catch (error) {
    const { cause } = error as Error;
    throw new UserError(`Could not read the base image from its registry: ${reasonOf(cause ?? error)}`);
  }
}

run(main);
