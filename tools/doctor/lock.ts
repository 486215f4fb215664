import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRunning } from "../cli/is-running";
import { askPulumi } from "../stack/pulumi-cli";
import { type Diagnosis, notChecked, ok, problem } from "./check";

/** As the CLI writes it into a backend of files: pulumi/pkg/backend/diy/lock.go. */
interface Lock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

interface Named {
  readonly project: string;
  readonly stack: string;
}

/** Who holds the stack. The CLI has no command that only reads a lock. */
export async function lockDiagnosis(named: Named, ask: typeof askPulumi = askPulumi): Promise<Diagnosis> {
  const { url } = await ask<{ url: string }>(["whoami", "--json"]);
  if (url.startsWith("file://")) return diagnosisOf(named, locksIn(folderOf(url), named));
  if (!/^https?:/.test(url)) return notChecked(`A lock in ${url.split("?", 1)[0]} shows only in pulumi up.`);
  const stacks = await ask<{ name: string; updateInProgress?: boolean }[]>(["stack", "ls", "--json"]);
  const isUpdating = stacks.some(
    ({ name, updateInProgress }) => name.split("/").at(-1) === named.stack && updateInProgress,
  );
  return isUpdating
    ? problem("An update is running. If it is not, end it:", `pulumi cancel --stack ${named.stack}`)
    : ok("No update is running.");
}

/** file://~ is the home folder. */
const folderOf = (url: string) =>
  url.startsWith("file://~")
    ? join(homedir(), url.slice("file://~".length))
    : fileURLToPath(url.split("?", 1)[0] ?? url);

function locksIn(folder: string, { project, stack }: Named): Lock[] {
  const locks = join(folder, ".pulumi/locks/organization", project, stack);
  if (!existsSync(locks)) return [];
  return readdirSync(locks).map((name) => JSON.parse(readFileSync(join(locks, name), "utf8")) as Lock);
}

function diagnosisOf({ stack }: Named, [lock]: readonly Lock[]): Diagnosis {
  if (lock === undefined) return ok("No update is running.");
  const { pid, username, timestamp } = lock;
  const holder = `${username}@${lock.hostname}, process ${pid}, since ${timestamp.slice(0, 16)}`;
  const release = `pulumi cancel --stack ${stack}`;
  if (lock.hostname !== hostname()) return problem(`Locked by ${holder}. If that process has ended:`, release);
  return isRunning(pid)
    ? problem(`An update is running: ${holder}. Wait for its end.`)
    : problem(`A killed update left its lock: ${holder}.`, release);
}
