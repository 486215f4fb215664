import { help as asksForHelp, flag, optionsOf, text } from "../cli/options";
import { UserError } from "../cli/user-error";

export const usage = `npm start [-- options]

Runs one replica on this machine and classifies a photo with it.

  --docker      build the image and run it with the limits of the task,
                instead of running the code with this Node
  --port PORT   serve on this port instead of the replica's own
  --help        print this`;

export interface Arguments {
  docker: boolean;
  help: boolean;
  port: number | undefined;
}

/** @param environment where npm puts options that it takes for its own */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const taken = ["docker", "port"].find((option) => environment[`npm_config_${option}`] !== undefined);
  const written = taken === "port" ? "--port PORT" : "--docker";
  if (taken) throw new UserError(`npm took --${taken} for its own option; write: npm start -- ${written}`);
  const options = { docker: flag, port: text, help: asksForHelp };
  const { docker, help, port } = optionsOf([...args], options, usage);
  return { docker: docker ?? false, help: help ?? false, port: port === undefined ? undefined : readPort(port) };
}

function readPort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65535) return port;
  throw new UserError(`--port is ${JSON.stringify(value)}; expected a number from 1 to 65535`);
}
