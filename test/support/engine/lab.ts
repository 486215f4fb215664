import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Account, type Entry, type Operation } from "../../standins/account";
import { giveOrders, type Order } from "../../standins/orders";
import { nameOf } from "../../standins/values";
import { projectRoot } from "./cli";

const commandLimitMs = 120_000;

export interface Result {
  code: number | null;
  /** Both streams in the order they came. */
  output: string;
  stdout: string;
}

export interface Running {
  result: Promise<Result>;
  signal(signal: NodeJS.Signals): void;
}

export interface LabOptions {
  environment: NodeJS.ProcessEnv;
  /** Folder of the stand-in executables. */
  bin: string;
  /** Files that replace the project's own, by path; with them given, nothing of the project is copied. */
  program?: Record<string, string>;
}

/** One project folder, one backend, one pretended account: everything a deployment touches, gone afterwards. */
export class Lab {
  readonly root = mkdtempSync(join(tmpdir(), "engine-"));
  readonly project = join(this.root, "project");
  readonly account = new Account(this.makeFolder("account"));
  private readonly environment: NodeJS.ProcessEnv;
  private readonly children = new Set<ChildProcess>();

  constructor({ environment, bin, program }: LabOptions) {
    this.environment = {
      ...environment,
      PATH: [bin, environment.PATH].join(delimiter),
      STANDIN_ACCOUNT: this.account.folder,
      PULUMI_HOME: this.makeFolder("home"),
      PULUMI_BACKEND_URL: `file://${this.makeFolder("backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "engine tests",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      AWS_ACCESS_KEY_ID: "stand-in",
      AWS_SECRET_ACCESS_KEY: "stand-in",
    };
    mkdirSync(this.project);
    symlinkSync(join(projectRoot, "node_modules"), join(this.project, "node_modules"));
    if (program === undefined) this.copyProject();
    for (const [path, text] of Object.entries(program ?? {})) this.write(path, text);
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.project, path), text);
  }

  start(args: string[], environment: NodeJS.ProcessEnv = {}): Running {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.project,
      env: { ...this.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that what a killed CLI leaves behind can be ended with it.
      detached: true,
    });
    this.children.add(child);
    return { result: this.finish(child, args), signal: (signal) => void child.kill(signal) };
  }

  pulumi(...args: string[]): Promise<Result> {
    return this.start(args).result;
  }

  /** Runs the command and fails with its whole output when it fails. */
  async must(...args: string[]): Promise<Result> {
    const result = await this.pulumi(...args);
    if (result.code !== 0) throw new Error(`pulumi ${args.join(" ")} exited with ${result.code}:\n${result.output}`);
    return result;
  }

  up(...args: string[]): Promise<Result> {
    return this.pulumi("up", "--yes", "--skip-preview", ...args);
  }

  async outputs(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await this.must("stack", "output", "--json", ...args)).stdout) as Record<string, unknown>;
  }

  orders(...orders: Order[]): void {
    giveOrders(this.account.folder, orders);
  }

  /** Position in the journal, to ask later what happened since. */
  mark(): number {
    return this.account.entries().length;
  }

  /** What was created, updated and deleted since, as "create name" in the order it ended. */
  changesSince(mark: number): string[] {
    const changing: Operation[] = ["create", "update", "delete"];
    const done = this.account
      .entries()
      .slice(mark)
      .filter((entry) => entry.phase === "end" && changing.includes(entry.op));
    return done.map((entry) => `${entry.op} ${nameOf(entry.urn)}`);
  }

  async waitFor(what: string, found: (entry: Entry) => boolean, limitMs = 60_000): Promise<Entry> {
    for (const end = Date.now() + limitMs; Date.now() < end; await delay(50)) {
      const entry = this.account.entries().find(found);
      if (entry !== undefined) return entry;
    }
    throw new Error(`waited ${limitMs / 1000} s for ${what}; it did not happen`);
  }

  close(): void {
    for (const child of this.children) endGroup(child);
    rmSync(this.root, { recursive: true, force: true });
  }

  private finish(child: ChildProcess, args: string[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      let output = "";
      let stdout = "";
      const limit = setTimeout(() => {
        endGroup(child);
        reject(
          new Error(`pulumi ${args.join(" ")} took over ${commandLimitMs / 1000} s and was ended; so far:\n${output}`),
        );
      }, commandLimitMs);
      child.stdout?.on("data", (chunk) => {
        output += chunk;
        stdout += chunk;
      });
      child.stderr?.on("data", (chunk) => {
        output += chunk;
      });
      child.on("error", reject);
      const settle = () => {
        clearTimeout(limit);
        resolve({ code: child.exitCode, output, stdout });
      };
      child.on("close", settle);
      // Providers that outlive a killed CLI hold its pipes open, and "close" would wait for them.
      child.on("exit", () => setTimeout(settle, 2_000).unref());
    });
  }

  private makeFolder(name: string): string {
    const folder = join(this.root, name);
    mkdirSync(folder);
    return folder;
  }

  private copyProject(): void {
    const parts = [
      "index.ts",
      "components",
      "tools",
      "app",
      "package.json",
      "tsconfig.json",
      "Pulumi.yaml",
      "Pulumi.dev.yaml",
      "Pulumi.prod.yaml",
    ];
    for (const part of parts.filter((name) => existsSync(join(projectRoot, name)))) {
      const filter = (path: string) => !["node_modules", "dist"].includes(basename(path));
      cpSync(join(projectRoot, part), join(this.project, part), { recursive: true, filter });
    }
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group has ended already.
  }
}
