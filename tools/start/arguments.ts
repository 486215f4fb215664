import { parseArgs } from "node:util";
import { UserError } from "../cli/user-error";

export const usage = `npm start [-- options]

Serves the model on this machine as one replica would be served, and classifies a photo with it.

  --docker      build the image and run it with the limits of the task, instead of the code with this Node
  --port PORT   publish it there instead of on the replica's own port
  --help        print this`;

export interface Arguments {
  docker: boolean;
  help: boolean;
  port: number | undefined;
}

/** @param environment in which npm leaves the options that it took for its own. */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const taken = ["docker", "port"].find((option) => environment[`npm_config_${option}`] !== undefined);
  const written = taken === "port" ? "--port PORT" : "--docker";
  if (taken) throw new UserError(`npm took --${taken} for an option of its own; write: npm start -- ${written}`);
  const { docker, help, port } = parse(args);
  return { docker: docker ?? false, help: help ?? false, port: port === undefined ? undefined : readPort(port) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { docker: { type: "boolean" }, port: { type: "string" }, help: { type: "boolean" } },
    }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(". ");
    throw new UserError(`${sentence}; expected --docker, --port PORT or --help`);
  }
}

function readPort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65535) return port;
  throw new UserError(`--port is ${JSON.stringify(value)}; expected a number from 1 to 65535`);
}
