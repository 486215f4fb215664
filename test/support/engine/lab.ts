import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { Account, type Entry, type Operation } from "../../standins/account";
import { giveOrders, type Order } from "../../standins/orders";
import { nameOf, typeOf } from "../../standins/values";
import { startAwsApi } from "./aws-api";
import { projectRoot } from "./cli";

const unattended = ["--yes", "--skip-preview", "--suppress-progress"];

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

/** The part of the state that the tests read. */
interface Deployment {
  resources: { urn: string; dependencies?: string[] }[];
}

export interface LabOptions {
  environment: NodeJS.ProcessEnv;
  /** Folder of the stand-in executables. */
  bin: string;
  /** Keys that lead to an AWS API; without them it is the one that the stand-ins pretend. */
  aws?: Record<string, unknown>;
  /** The longest that one command may take. */
  commandLimitMs?: number;
}

/** A copy of the project, a backend and a pretended account: everything a deployment touches, gone afterwards. */
export class Lab {
  readonly root = mkdtempSync(join(tmpdir(), "engine-"));
  readonly project = join(this.root, "project");
  readonly account = new Account(this.makeFolder("account"));
  readonly backend = this.makeFolder("backend");
  /** Everything that every command printed. */
  transcript = "";
  private readonly environment: NodeJS.ProcessEnv;
  private readonly children = new Set<ChildProcess>();
  private api?: { url: string; server: Server };

  private readonly commandLimitMs: number;
  private aws: Record<string, unknown>;

  private constructor({ environment, bin, aws = {}, commandLimitMs = 120_000 }: LabOptions) {
    this.aws = aws;
    this.commandLimitMs = commandLimitMs;
    this.environment = {
      ...environment,
      PATH: [bin, environment.PATH].join(delimiter),
      STANDIN_ACCOUNT: this.account.folder,
      PULUMI_HOME: this.makeFolder("home"),
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: "engine tests",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      AWS_ACCESS_KEY_ID: "stand-in",
      AWS_SECRET_ACCESS_KEY: "stand-in",
    };
    mkdirSync(this.project);
    symlinkSync(join(projectRoot, "node_modules"), join(this.project, "node_modules"));
    this.copyProject();
  }

  static async open(options: LabOptions): Promise<Lab> {
    const lab = new Lab(options);
    if (options.aws === undefined) {
      lab.api = await startAwsApi(lab.account);
      const endpoints = [{ ecs: lab.api.url, elbv2: lab.api.url }];
      lab.aws = { "aws:endpoints": endpoints, "aws:accessKey": "stand-in", "aws:secretKey": "stand-in" };
    }
    return lab;
  }

  /** Creates the stack from the project's own file of that name, with the given keys on top; `undefined` takes one out. */
  async createStack(stack: string, keys: Record<string, unknown> = {}): Promise<void> {
    this.configure(stack, { ...this.aws, ...keys });
    await this.must("stack", "init", stack);
  }

  configure(stack: string, keys: Record<string, unknown>): void {
    const path = join(this.project, `Pulumi.${stack}.yaml`);
    const settings = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
    Object.assign(settings.config, keys);
    writeFileSync(path, stringify(settings));
  }

  /** Changes a file of the project's copy, and fails when there is nothing to change. */
  edit(path: string, from: string, to: string): void {
    const text = readFileSync(join(this.project, path), "utf8");
    if (!text.includes(from)) throw new Error(`${path} does not contain: ${from}`);
    writeFileSync(join(this.project, path), text.replace(from, to));
  }

  get path(): string {
    return this.environment.PATH ?? "";
  }

  start(args: string[], environment: NodeJS.ProcessEnv = {}): Running {
    return this.spawn("pulumi", [...args, "--non-interactive", "--color", "never"], environment);
  }

  /** One of the project's own scripts, as a person beside the stack runs it. */
  script(name: string, ...args: string[]): Promise<Result> {
    return this.spawn("npm", ["run", "--silent", name, "--", ...args], {}).result;
  }

  private spawn(command: string, args: string[], environment: NodeJS.ProcessEnv): Running {
    const child = spawn(command, args, {
      cwd: this.project,
      env: { ...this.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that what a killed CLI leaves behind can be ended with it.
      detached: true,
    });
    this.children.add(child);
    return { result: this.finish(child, [command, ...args]), signal: (signal) => void child.kill(signal) };
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
    return this.pulumi("up", ...unattended, ...args);
  }

  async outputs(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await this.must("stack", "output", "--json", ...args)).stdout) as Record<string, unknown>;
  }

  /** What the engine knows the resource to wait for, directly or through others. */
  async dependenciesOf(urn: string): Promise<string[]> {
    const { deployment } = JSON.parse((await this.must("stack", "export")).stdout) as { deployment: Deployment };
    const direct = new Map(deployment.resources.map((resource) => [resource.urn, resource.dependencies ?? []]));
    const found = new Set<string>();
    const visit = (one: string) => {
      for (const next of direct.get(one) ?? []) {
        if (found.has(next)) continue;
        found.add(next);
        visit(next);
      }
    };
    visit(urn);
    return [...found];
  }

  orders(...orders: Order[]): void {
    giveOrders(this.account.folder, orders);
  }

  /** Position in the journal, to ask later what happened since. */
  mark(): number {
    return this.account.entries().length;
  }

  /** What was created, updated and deleted since, as "create aws:ecs/service:Service name" in the order it ended. */
  changesSince(mark: number): string[] {
    const changing: Operation[] = ["create", "update", "delete"];
    const done = this.account
      .entries()
      .slice(mark)
      .filter((entry) => entry.phase === "end" && changing.includes(entry.op));
    return done.map((entry) => `${entry.op} ${typeOf(entry.urn)} ${nameOf(entry.urn)}`);
  }

  async waitFor(what: string, found: (entry: Entry, index: number) => boolean, limitMs = 60_000): Promise<Entry> {
    for (const end = Date.now() + limitMs; Date.now() < end; await delay(50)) {
      const entry = this.account.entries().find(found);
      if (entry !== undefined) return entry;
    }
    throw new Error(`waited ${limitMs / 1000} s for ${what}; it did not happen`);
  }

  close(): void {
    for (const child of this.children) endGroup(child);
    this.api?.server.closeAllConnections();
    this.api?.server.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  private finish(child: ChildProcess, args: string[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      let output = "";
      let stdout = "";
      const limit = setTimeout(() => {
        endGroup(child);
        reject(
          new Error(`${args.join(" ")} took over ${this.commandLimitMs / 1000} s and was ended; so far:\n${output}`),
        );
      }, this.commandLimitMs);
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
        this.transcript += output;
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
      "Pulumi.local.yaml",
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
