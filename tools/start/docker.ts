import { CommandError, type CommandOptions, runCommand } from "./command";

export const absence = "there is no docker on PATH";

/** The docker CLI for one engine: at the given address, or the one in DOCKER_HOST. */
export class Docker {
  readonly env: NodeJS.ProcessEnv;

  constructor(readonly host?: string) {
    this.env = host === undefined ? process.env : { ...process.env, DOCKER_HOST: host };
  }

  run(args: readonly string[], options: Omit<CommandOptions, "env">): Promise<string> {
    return runCommand("docker", args, { ...options, env: this.env });
  }

  /** What a command prints, both streams in the order in which they came. */
  async output(args: readonly string[]): Promise<string> {
    let text = "";
    const onOutput = (more: string) => {
      text += more;
    };
    await this.run(args, { limitSeconds: 30, onOutput });
    return text;
  }

  /** Undefined when the engine answers; otherwise the reason in one line. */
  async silence(): Promise<string | undefined> {
    try {
      await this.run(["version", "--format", "{{.Server.Version}}"], { limitSeconds: 10 });
      return undefined;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (error.reason.includes("ENOENT")) return absence;
      const complaint = error.stderr
        .trim()
        .split("\n")
        .at(-1)
        ?.replace(/\. Is the docker daemon running\?$/, "");
      return complaint || `docker version: ${error.reason}`;
    }
  }

  async hasImage(name: string): Promise<boolean> {
    return this.run(["image", "inspect", name], { limitSeconds: 30 }).then(
      () => true,
      () => false,
    );
  }

  /** Builds a folder with a Dockerfile and returns the image's id. */
  async build(
    folder: string,
    tag: string,
    onOutput?: (text: string) => void,
    args: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const given = Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`);
    await this.run(["build", ...given, "--tag", tag, folder], { limitSeconds: 1200, onOutput });
    return (await this.run(["image", "inspect", "--format", "{{.Id}}", tag], { limitSeconds: 30 })).trim();
  }
}
