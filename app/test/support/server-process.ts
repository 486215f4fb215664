import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const mainFile = path.join(__dirname, "..", "..", "dist", "main.js");

export interface LogLine {
  level?: string;
  msg?: string;
  [key: string]: unknown;
}

/** The built server as its own process on a free port: what only a process shows, such as signals and exit codes. */
export class ServerProcess {
  readonly lines: LogLine[] = [];
  stderr = "";
  private waiting: (() => void)[] = [];
  private readonly exited: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    this.exited = once(child, "exit").then(([code]) => code as number | null);
    child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk;
    });
    if (child.stdout) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        this.lines.push(JSON.parse(line) as LogLine);
        for (const check of this.waiting) check();
      });
    }
  }

  static run(env: Record<string, string> = {}, args: string[] = []): ServerProcess {
    const variables = { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", CPU_UNITS: "2048", ...env };
    return new ServerProcess(spawn(process.execPath, [mainFile, ...args], { env: variables }));
  }

  static async ready(env: Record<string, string> = {}, args: string[] = []): Promise<ServerProcess> {
    const server = ServerProcess.run(env, args);
    await server.line((line) => line.msg === "ready");
    return server;
  }

  /** The first line, past or future, that fits. Rejects when the process ends without it. */
  async line(fits: (line: LogLine) => boolean): Promise<LogLine> {
    const found = () => this.lines.find(fits);
    const ended = this.exited.then((code) => {
      throw new Error(`exit code ${code} before the line: ${JSON.stringify(this.lines)} ${this.stderr}`);
    });
    const seen = new Promise<void>((resolve) => {
      const check = () => found() && resolve();
      this.waiting.push(check);
      check();
    });
    await Promise.race([seen, ended]);
    ended.catch(() => undefined);
    return found() as LogLine;
  }

  async url(): Promise<string> {
    const { msg } = await this.line((line) => line.msg?.startsWith("Server listening") ?? false);
    return (msg ?? "").replace("Server listening at ", "");
  }

  async port(): Promise<number> {
    return Number(new URL(await this.url()).port);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  exitCode(): Promise<number | null> {
    return this.exited;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill("SIGKILL");
    await this.exited;
  }
}
