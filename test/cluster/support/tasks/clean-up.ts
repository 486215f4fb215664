import { spawnSync } from "node:child_process";
import { isRunning } from "../../../../tools/cli/is-running";
import type { Docker } from "../../../../tools/start/docker";

const label = "inference-tests.tasks";

/** A container that Docker is already removing refuses a second removal, and its volumes are in use until it is gone. */
const attempts = 10;

let owners = 0;

/** Begins with the process, so that a later run can tell what a killed one left behind. */
export function ownerName(): string {
  owners += 1;
  return `${process.pid}-${owners}`;
}

export const labelsOf = (owner: string) => ({ [label]: owner });

export const labelFilter = (owner: string) => `${label}=${owner}`;

export const ownerIsAlive = (owner: string) => isRunning(Number.parseInt(owner, 10));

/** Removes the containers and volumes of these owners. Synchronous, because it also runs at signals. */
export function removeContainers(docker: Docker, isOwner: (owner: string) => boolean): void {
  const run = (...args: string[]) => spawnSync("docker", args, { encoding: "utf8", env: docker.env });
  const list = (...args: string[]): string[] => {
    const { stdout, stderr, status, error } = run(...args, `--filter=label=${label}`);
    if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
    const lines = stdout.split("\n").map((line) => line.split(" "));
    return lines.filter(([id, owner = ""]) => id && isOwner(owner)).map(([id = ""]) => id);
  };
  const removeAll = (listing: string[], removal: string[]) => {
    let problem = "";
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = list(...listing);
      if (found.length === 0) return;
      problem = run(...removal, ...found).stderr.trim();
    }
    throw new Error(`docker ${removal.join(" ")}: ${problem}`);
  };
  const owner = `{{.Label "${label}"}}`;
  removeAll(["ps", "--all", "--format", `{{.ID}} ${owner}`], ["rm", "--force", "--volumes"]);
  removeAll(["volume", "ls", "--format", `{{.Name}} ${owner}`], ["volume", "rm"]);
}
