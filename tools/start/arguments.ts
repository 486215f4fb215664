import type { ContainerSettings } from "../../components/core/container";
import { type PresetName, presetNames } from "../../components/core/presets";
import { help as asksForHelp, flag, optionsOf, text } from "../cli/options";
import { UserError } from "../cli/user-error";
import { refuseUnknownStack } from "../stack/file";

export const usage = `npm start [-- options]

Runs one replica on this machine and classifies a photo with it.

  --docker      build the image and run it with the limits of the task,
                instead of running the code with this Node
  --port PORT   serve on this port instead of the replica's own
  --help        print this

Runs a container of your own instead, with the limits of a task:

  --image NAME[:tag]      an image of this machine or of a registry
  --build FOLDER          a folder with a Dockerfile
  --stack NAME            cpu, memory, container and environment as in
                          Pulumi.<stack>.yaml; without --image and --build,
                          also its image
  --preset NAME           ${presetNames.slice(0, 7).join(", ")},
                          ${presetNames.slice(7).join(", ")}
                          (default: the stack's, or a guess from the image)
  --container-port PORT   where it listens, instead of the preset's port
  --readiness-path PATH   where it answers 200, instead of the preset's path

Examples:
  npm start -- --image ghcr.io/team/model:1.4
  npm start -- --build ../model-server --preset fastapi --container-port 9000`;

export interface Arguments {
  docker: boolean;
  help: boolean;
  port: number | undefined;
  /** Absent: our own server. */
  own?: OwnContainer;
}

/** A container of the user. */
export interface OwnContainer {
  /** An image or a folder. Absent: what the stack runs. */
  readonly place?: string;
  readonly stack?: string;
  readonly preset?: PresetName;
  /** In place of what the preset or the stack says. */
  readonly changes: Pick<ContainerSettings, "port" | "readinessPath">;
}

const options = {
  docker: flag,
  port: text,
  help: asksForHelp,
  image: text,
  build: text,
  stack: text,
  preset: text,
  "container-port": text,
  "readiness-path": text,
} as const;

/** @param environment where npm puts options that it takes for its own */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const names = Object.keys(options).filter((name) => name !== "help") as Exclude<keyof typeof options, "help">[];
  const taken = names.find((name) => environment[`npm_config_${name.replaceAll("-", "_")}`] !== undefined);
  const value =
    taken === undefined || options[taken].type === "boolean" ? "" : ` ${taken.split("-").at(-1)?.toUpperCase()}`;
  if (taken) throw new UserError(`npm took --${taken} for its own option; write: npm start -- --${taken}${value}`);
  const { docker = false, help = false, port, ...given } = optionsOf([...args], options, usage);
  const own = Object.keys(given).length === 0 ? undefined : ownContainer(given);
  if (own && docker) throw new UserError("--docker builds app/; leave it out with a container of your own");
  return { docker, help, port: port === undefined ? undefined : readPort("port", port), ...(own && { own }) };
}

type Given = { [name in Exclude<keyof typeof options, "docker" | "help" | "port">]?: string };

function ownContainer(given: Given): OwnContainer {
  const { image, build, stack, "container-port": port, "readiness-path": readinessPath } = given;
  if (image !== undefined && build !== undefined)
    throw new UserError("--image and --build are both given; expected one");
  const place = image ?? build;
  if (place === undefined && stack === undefined)
    throw new UserError(`--${Object.keys(given)[0]} needs a container: --image NAME, --build FOLDER or --stack NAME`);
  if (stack !== undefined) refuseUnknownStack(stack);
  const preset = readPreset(given.preset);
  return {
    ...(place !== undefined && { place: build === undefined ? place : asFolder(build) }),
    ...(stack !== undefined && { stack }),
    ...(preset !== undefined && { preset }),
    changes: {
      ...(port !== undefined && { port: readPort("container-port", port) }),
      ...(readinessPath !== undefined && { readinessPath: readPath(readinessPath) }),
    },
  };
}

/** A word alone could be the name of an image. */
const asFolder = (path: string) => (/^[./~]/.test(path) ? path : `./${path}`);

function readPort(option: string, value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65535) return port;
  throw new UserError(`--${option} is ${JSON.stringify(value)}; expected a number from 1 to 65535`);
}

function readPath(value: string): string {
  if (value.startsWith("/")) return value;
  throw new UserError(`--readiness-path is ${value}; expected a path such as /health`);
}

function readPreset(given: string | undefined): PresetName | undefined {
  const known = presetNames.find((name) => name === given);
  if (given === undefined || known !== undefined) return known;
  throw new UserError(`--preset is ${given}; expected one of ${presetNames.join(", ")}`);
}
