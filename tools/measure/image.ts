import { UserError } from "../cli/user-error";
import { CommandError } from "../start/command";
import type { Docker } from "../start/docker";
import { lastLogLine } from "../start/service";

const pullLimitSeconds = 3600;

export interface LocalImage {
  /** The digest by which a registry knows it; absent for an image that was never pushed or pulled. */
  readonly digest?: string;
  readonly bytes: number;
}

/** An image of the local engine. It is pulled if it is not there, so that its start does not include the pull. */
export async function localImage(docker: Docker, name: string): Promise<LocalImage> {
  const silence = await docker.silence();
  if (silence !== undefined)
    throw new UserError(`Docker cannot be used: ${silence}. Start Docker, or measure a URL: npm run measure -- --help`);
  if (!(await docker.hasImage(name))) await pull(docker, name);
  const format = "{{json .RepoDigests}} {{.Size}}";
  const [digests = "[]", bytes] = (
    await docker.run(["image", "inspect", "--format", format, name], { limitSeconds: 30 })
  ).split(" ");
  const digest = digestOf(name, (JSON.parse(digests) ?? []) as string[]);
  return { bytes: Number(bytes), ...(digest !== undefined && { digest }) };
}

async function pull(docker: Docker, name: string): Promise<void> {
  console.log(`Pulling ${name} ...`);
  const onOutput = (text: string, stream: string) => {
    if (stream === "stdout") process.stderr.write(text);
  };
  await docker.run(["pull", name], { limitSeconds: pullLimitSeconds, onOutput }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new UserError(`${name} was not pulled: ${lastLogLine(error.stderr)}`);
  });
}

/** Of the name itself, otherwise of the repository that it belongs to. */
export function digestOf(name: string, repoDigests: readonly string[]): string | undefined {
  const [repository = "", own] = name.split("@");
  if (own !== undefined) return own;
  const untagged = repository.replace(/:[^:/]*$/, "");
  return repoDigests.find((one) => one.startsWith(`${untagged}@`))?.split("@")[1];
}
