import { type Build, buildArgsOf, dockerfileOf, secretSource } from "../../components/core/build";
import { UserError } from "../cli/user-error";
import { CommandError } from "../start/command";
import type { Docker } from "../start/docker";
import { lastLogLine } from "../start/service";

const buildLimitSeconds = 3600;

/** Builds a folder as the key `build` describes it, for this machine, and returns the image's id. */
export async function buildImage(docker: Docker, build: Build, tag: string): Promise<string> {
  const words = ["build", "--tag", tag, ...buildOptions(build), build.context];
  // BuildKit prints the reason of a failure in the middle; all of it is worth showing.
  const onOutput = (text: string) => process.stderr.write(text);
  await docker.run(words, { limitSeconds: buildLimitSeconds, onOutput }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new UserError(`${build.context} was not built: ${lastLogLine(error.stderr)}`);
  });
  return (await docker.run(["image", "inspect", "--format", "{{.Id}}", tag], { limitSeconds: 30 })).trim();
}

export function buildOptions(build: Build): string[] {
  const args = Object.entries(buildArgsOf(build, {})).map(([name, value]) => `--build-arg=${name}=${value}`);
  const secrets = Object.entries(build.secrets).map(([id, text]) => {
    const source = secretSource(text);
    return `--secret=id=${id},${"env" in source ? `env=${source.env}` : `src=${source.src}`}`;
  });
  const stage = build.target === undefined ? [] : [`--target=${build.target}`];
  return [`--file=${dockerfileOf(build)}`, ...stage, ...args, ...secrets];
}
