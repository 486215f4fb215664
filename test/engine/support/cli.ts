import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export const projectRoot = resolve(__dirname, "../../..");

const oldestMinor = 248;
const limitMs = 60_000;

export type Cli = { found: true; environment: NodeJS.ProcessEnv } | { found: false; reason: string };

/** Setup of a CLI beside the project, for machines without the official one. */
const setupBeside = join(projectRoot, "../shared/tools/setup");

function preparedEnvironment(setup: string): NodeJS.ProcessEnv {
  if (!existsSync(setup)) return {};
  const script = `eval "$("$1")" && env -0`;
  const text = execFileSync("bash", ["-c", script, "bash", setup], { encoding: "utf8", timeout: limitMs });
  return Object.fromEntries(
    text
      .split("\0")
      .flatMap((line) =>
        line.includes("=") ? [[line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]] : [],
      ),
  );
}

function versionOn(environment: NodeJS.ProcessEnv): string | undefined {
  const onPath = (environment.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "pulumi")));
  if (!onPath) return undefined;
  const run = spawnSync("pulumi", ["version"], { env: environment, encoding: "utf8", timeout: limitMs });
  return run.status === 0 ? run.stdout.trim().replace(/^v/, "") : `unknown (${run.stderr.trim()})`;
}

/** The environment of the engine tier, or the reason why it cannot run. */
export function findCli(environment: NodeJS.ProcessEnv = process.env, setup = setupBeside): Cli {
  const usable = versionOn(environment) === undefined ? { ...environment, ...preparedEnvironment(setup) } : environment;
  const version = versionOn(usable);
  if (version === undefined) {
    return { found: false, reason: "no pulumi on PATH; install the Pulumi CLI (https://www.pulumi.com/docs/install)" };
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === 3 && minor >= oldestMinor) return { found: true, environment: usable };
  return { found: false, reason: `pulumi on PATH is ${version}; expected 3.${oldestMinor} or a later 3.x` };
}
