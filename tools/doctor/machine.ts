import { eks } from "../../components/eks-service/target";
import type { Settings } from "../../components/settings";
import type { ProjectFile } from "../stack/file";
import { CommandError, runCommand } from "../start/command";
import { absence, Docker } from "../start/docker";
import { type Diagnosis, ok, problem } from "./check";

/** Runs a program and returns what it prints. Rejects with a CommandError. */
export type Run = (program: string, args: readonly string[]) => Promise<string>;

export const runHere: Run = (program, args) => runCommand(program, args, { limitSeconds: 10 });

const installCli = "curl -fsSL https://get.pulumi.com | sh";

export const nodeDiagnosis = (version = process.version): Diagnosis => ok(`Node ${version}.`);

export async function cliDiagnosis(run: Run, { requiredPulumiVersion = ">=3" }: ProjectFile): Promise<Diagnosis> {
  const printed = await firstLine(run, "pulumi", ["version"]);
  if (printed === undefined)
    return problem(
      "There is no pulumi on PATH. Install it with this command, or another way: https://www.pulumi.com/docs/install",
      installCli,
    );
  const version = printed.replace(/^v/, "");
  const oldest = requiredPulumiVersion.replace(/^>=/, "");
  if (isOlder(version, oldest)) return problem(`Pulumi ${version}; expected ${oldest} or later.`, installCli);
  return ok(`Pulumi ${version}.`);
}

/** Compares the numbers of two versions. */
function isOlder(one: string, other: string): boolean {
  const [ones, others] = [one, other].map((version) => version.split(/[.-]/, 3).map(Number));
  for (const [index, part] of (others ?? []).entries()) {
    const difference = (ones?.[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

type BuildSettings = Pick<Settings, "place" | "image" | "model">;

/** On this machine Docker runs the image, too. */
const usesDocker = ({ place, image, model }: BuildSettings) =>
  place === "this machine" || (image === "build" && model.variants.some((variant) => variant.image === undefined));

export async function dockerDiagnosis(
  settings: BuildSettings | undefined,
  docker: Pick<Docker, "silence"> = new Docker(),
): Promise<Diagnosis> {
  const silence = await docker.silence();
  if (silence === undefined) return ok("Docker answers.");
  if (settings && !usesDocker(settings)) return ok("Not needed: the images exist already.");
  const purpose = settings?.place === "this machine" ? "run" : "build";
  const way = silence === absence ? "Install it: https://docs.docker.com/get-docker" : "Start Docker.";
  return problem(`Docker cannot ${purpose} the image: ${silence}. ${way}`);
}

export async function buildxDiagnosis(run: Run, settings: BuildSettings | undefined): Promise<Diagnosis> {
  if (settings && (settings.place === "this machine" || !usesDocker(settings))) return ok("Not needed.");
  const printed = await firstLine(run, "docker", ["buildx", "version"]);
  if (printed !== undefined) return ok(`buildx ${/v\d\S*/.exec(printed)?.[0] ?? printed}.`);
  return problem("docker buildx is missing. Install it: https://docs.docker.com/build/install-buildx");
}

const awsCliDocs = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html";

/** The kubeconfig of a cluster signs in with `aws eks get-token`. */
export async function awsCliDiagnosis(
  run: Run,
  settings: Pick<Settings, "target" | "model"> | undefined,
): Promise<Diagnosis> {
  const printed = await firstLine(run, "aws", ["--version"]);
  if (printed !== undefined) return ok(`${printed.split(" ", 1)[0]}.`);
  const onEks = settings === undefined || settings.model.variants.some(({ target }) => target === eks.name);
  if (!onEks) return ok(`Not needed with target ${settings.target}.`);
  return problem(
    `There is no aws on PATH. With ${eks.title} it signs Pulumi in to the cluster. Install it: ${awsCliDocs}`,
  );
}

/** Undefined when the program is missing or fails. One that does not end has said nothing. */
async function firstLine(run: Run, program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(program, args)).trim().split("\n", 1)[0];
  } catch (error) {
    if (error instanceof CommandError && !error.reason.startsWith("not done")) return undefined;
    throw error;
  }
}
