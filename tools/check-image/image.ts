import { existsSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Build, buildOf, dockerfileOf, ourContext } from "../../components/core/build";
import type { PresetName } from "../../components/core/presets";
import { UserError } from "../cli/user-error";
import { buildImage } from "../container/build-image";
import { localImage } from "../measure/image";
import { projectFolder } from "../stack/file";
import type { Docker } from "../start/docker";

/** What an image says about itself. */
export interface ImageFacts {
  /** As Docker runs it. */
  readonly id: string;
  /** As it is printed. */
  readonly name: string;
  /** Built here, for this machine: on AWS another build of the same folder runs. */
  readonly isBuiltHere: boolean;
  /** The folder that it was built from. */
  readonly folder?: string;
  /** Empty for root. */
  readonly user: string;
  readonly exposedPorts: readonly number[];
  /** Entry point and arguments. */
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly bytes: number;
}

/** Of the stack's image, or of the place given on the command line. */
export interface Wanted {
  readonly place?: string;
  /** Of the stack. */
  readonly image?: string;
  readonly build?: Build;
}

/** Builds or pulls what is not there. */
export async function provideImage(docker: Docker, wanted: Wanted): Promise<ImageFacts> {
  const folder = folderOf(wanted);
  if (folder !== undefined) {
    console.error(`Building ${folder.context} ...`);
    const id = await buildImage(docker, folder, "inference:checked");
    const facts = await factsOf(docker, id, wanted.place ?? wanted.build?.context ?? ourContext, true);
    return { ...facts, folder: resolve(folder.context) };
  }
  const name = wanted.place ?? wanted.image ?? "";
  await localImage(docker, name);
  return factsOf(docker, name, name, false);
}

/** npm sets INIT_CWD to the folder of the shell. */
const fromShell = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path);
const inProject = (path: string) => (isAbsolute(path) ? path : join(projectFolder, path));

/** Whether the command line names a folder, and no image. */
export const isFolder = (place: string) =>
  /^(\.{0,2}\/|~)/.test(place) || statSync(fromShell(place), { throwIfNoEntry: false })?.isDirectory() === true;

/** The folder to build, as the stack builds it if it is the stack's. */
export function folderOf({ place, image, build = buildOf(ourContext) }: Wanted): Build | undefined {
  const ofStack = { ...build, context: inProject(build.context) };
  if (place === undefined) return image === "build" ? ofStack : undefined;
  const folder = fromShell(place);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    if (/^(\.{0,2}\/|~)/.test(place)) throw new UserError(`${place} is not a folder; expected one with a Dockerfile`);
    return undefined;
  }
  const wanted = folder === resolve(ofStack.context) ? ofStack : buildOf(folder);
  if (existsSync(dockerfileOf(wanted))) return wanted;
  throw new UserError(`${place} has no ${wanted.dockerfile}; expected a folder with one, or an image`);
}

interface Inspected {
  readonly Architecture: string;
  readonly Size: number;
  readonly Config: {
    readonly User?: string;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
}

async function factsOf(docker: Docker, id: string, name: string, isBuiltHere: boolean): Promise<ImageFacts> {
  const text = await docker.run(["image", "inspect", "--format", "{{json .}}", id], { limitSeconds: 30 });
  const { Architecture: architecture, Size: bytes, Config: config } = JSON.parse(text) as Inspected;
  const ports = Object.keys(config.ExposedPorts ?? {}).filter((port) => port.endsWith("/tcp"));
  return {
    id,
    name,
    isBuiltHere,
    user: config.User ?? "",
    exposedPorts: ports.map((port) => Number.parseInt(port, 10)),
    command: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    labels: config.Labels ?? {},
    architecture,
    bytes,
  };
}

/** Words of the command that only one framework has. */
const presetOfWord: readonly (readonly [RegExp, PresetName])[] = [
  [/tritonserver/, "triton"],
  [/vllm/, "vllm"],
  [/text-generation-launcher/, "tgi"],
  [/text-embeddings-router/, "tei"],
  [/bentoml/, "bentoml"],
  [/torchserve/, "torchserve"],
  [/mlserver/, "mlserver"],
  [/uvicorn|fastapi|hypercorn/, "fastapi"],
  [/gunicorn|waitress|flask/, "flask"],
];

/** From what the image says about itself; `other` if it says nothing. */
export function guessedPreset({ command, labels }: Pick<ImageFacts, "command" | "labels">): PresetName {
  if (labels["org.opencontainers.image.title"] === "inference-server") return "ours";
  // https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
  if ("com.amazonaws.sagemaker.capabilities.accept-bind-to-port" in labels) return "sagemaker";
  const words = command.join(" ");
  return presetOfWord.find(([word]) => word.test(words))?.[1] ?? "other";
}
