import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Account, type Entry, type Operation } from "../../fakes/account";
import { type FirstFailure, failFirst, type InjectedFailure, injectFailures } from "../../fakes/injected-failures";
import { nameOf, typeOf } from "../../fakes/values";
import { onEnd } from "../../support/on-end";
import { startAccountApi } from "./account-api/server";
import { ProjectCopy } from "./project-copy";
import { attachedTo, ProviderProcess } from "./provider-process";
import { type Result, Runner, type Running } from "./runner";
import { succeeds } from "./succeeds";

const lightSdk = join(__dirname, "light-sdk.cjs");
const unattended = ["--yes", "--skip-preview", "--suppress-progress"];

/** The part of the state that the tests read. */
interface Deployment {
  resources: { urn: string; dependencies?: string[] }[];
}

export interface SandboxOptions {
  environment: NodeJS.ProcessEnv;
  /** Folder of the fake provider executables. */
  bin: string;
  /** Providers that are started once and shared by all commands, which then must run one at a time. */
  attached?: readonly string[];
  /** Settings that point at an AWS API; the API of the fake account by default. */
  aws?: Record<string, unknown>;
  /** The longest that one command may take. */
  commandLimitMs?: number;
}

/** A copy of the project, a backend and a fake account: everything that a deployment changes. Removed at the end. */
export class Sandbox {
  readonly root = mkdtempSync(join(tmpdir(), "engine-"));
  private readonly forget = onEnd(() => this.close());
  readonly account = new Account(this.makeFolder("account"));
  readonly backend = this.makeFolder("backend");
  readonly path: string;
  private readonly copy = new ProjectCopy(join(this.root, "project"));
  private readonly runner: Runner;
  private readonly long: Runner;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly providers: ProviderProcess[] = [];
  private api?: { url: string; server: Server };
  private aws: Record<string, unknown>;
  private imageVersions = 0;

  private constructor({ environment, bin, aws = {}, commandLimitMs = 120_000 }: SandboxOptions) {
    this.aws = aws;
    this.path = [bin, environment.PATH].join(delimiter);
    this.environment = {
      ...environment,
      PATH: this.path,
      FAKE_ACCOUNT: this.account.folder,
      PULUMI_HOME: this.makeFolder("home"),
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: "engine tests",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      // The SDK renders a stack trace for each promise. With ten lines each this took a third of the program's time.
      NODE_OPTIONS: [environment.NODE_OPTIONS, "--stack-trace-limit=1", `--require=${lightSdk}`].join(" ").trim(),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      AWS_ACCESS_KEY_ID: "fake",
      AWS_SECRET_ACCESS_KEY: "fake",
    };
    // Every new version on EKS waits for this; the order of operations stays the same.
    this.edit("components/eks-service/rollout.ts", "const watchSeconds = 240", "const watchSeconds = 2");
    const running = { folder: this.copy.folder, environment: this.environment };
    this.runner = new Runner({ ...running, limitMs: commandLimitMs });
    this.long = new Runner({ ...running, limitMs: 5 * commandLimitMs });
  }

  static async open(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(options);
    try {
      if (options.aws === undefined) await sandbox.startFakeAws();
      await sandbox.attach(options.attached ?? []);
    } catch (error) {
      sandbox.close();
      throw error;
    }
    return sandbox;
  }

  get project(): string {
    return this.copy.folder;
  }

  /** Endpoint of the clusters in the fake account. */
  get clusterUrl(): string {
    return this.environment.FAKE_CLUSTER ?? "";
  }

  get transcript(): string {
    return this.runner.transcript;
  }

  /** Creates the stack from the project's stack file of that name with these keys changed; `undefined` removes a key. */
  async createStack(stack: string, keys: Record<string, unknown> = {}): Promise<void> {
    this.configure(stack, { ...this.aws, ...keys });
    await this.must("stack", "init", stack);
  }

  /** For a command that reads the stack file itself. */
  reachFakeAws(stack: string): void {
    this.configure(stack, this.aws);
  }

  configure(stack: string, keys: Record<string, unknown>): void {
    this.copy.configure(stack, keys);
  }

  edit(path: string, from: string, to: string): void {
    this.copy.edit(path, from, to);
  }

  /** Changes the content of the app's image, so that the next update rolls out a new version. */
  changeImage(): void {
    this.imageVersions += 1;
    this.edit("app/package.json", '"license"', `"keywords": ["version ${this.imageVersions}"],\n  "license"`);
  }

  start(args: string[], environment?: NodeJS.ProcessEnv): Running {
    const all = [...args, "--non-interactive", "--color", "never"];
    return this.runner.start("pulumi", all, { ...attachedTo(this.providers), ...environment });
  }

  /** Runs one of the npm scripts of the project. */
  script(name: string, ...args: string[]): Promise<Result> {
    return this.startScript(name, ...args).result;
  }

  startScript(name: string, ...args: string[]): Running {
    return this.runner.start("npm", ["run", "--silent", name, "--", ...args], attachedTo(this.providers));
  }

  /** A step of CI, as GitHub Actions runs it. It may run many commands. */
  shell(command: string, own: NodeJS.ProcessEnv): Promise<Result> {
    return this.long.start("bash", ["-e", "-c", command], { ...attachedTo(this.providers), ...own }).result;
  }

  /** One that runs many Pulumi commands. */
  startLongScript(name: string, ...args: string[]): Running {
    return this.long.start("npm", ["run", "--silent", name, "--", ...args], attachedTo(this.providers));
  }

  /** Starts the release command as a process of its own, which signals reach. It runs many Pulumi commands. */
  startRelease(...args: string[]): Running {
    const command = ["-r", "ts-node/register", "tools/release/main.ts", ...args];
    return this.long.start("node", command, attachedTo(this.providers));
  }

  pulumi(...args: string[]): Promise<Result> {
    return this.start(args).result;
  }

  /** Runs a Pulumi command; on failure, the error contains its whole output. */
  async must(...args: string[]): Promise<Result> {
    return succeeds(await this.pulumi(...args));
  }

  up(...args: string[]): Promise<Result> {
    return this.pulumi("up", ...unattended, ...args);
  }

  async outputs(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await this.must("stack", "output", "--json", ...args)).stdout) as Record<string, unknown>;
  }

  /** Direct and transitive dependencies of a resource in the state. */
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

  /** Makes these operations fail, hang or take longer from now on, instead of those injected before. */
  inject(...failures: InjectedFailure[]): void {
    injectFailures(this.account.folder, failures);
  }

  clearInjected(): void {
    injectFailures(this.account.folder, []);
  }

  /** Makes the first operation of its kind fail on every resource from now on; `undefined` ends that. */
  failFirst(failure: FirstFailure | undefined): void {
    failFirst(this.account.folder, failure);
  }

  /** The current position in the journal. */
  mark(): number {
    return this.account.entries().length;
  }

  /** What Pulumi created, updated and deleted since then, as "create aws:ecs/service:Service name", in the order of completion. */
  changesSince(mark: number): string[] {
    const changing: Operation[] = ["create", "update", "delete"];
    const done = this.account
      .entries()
      .slice(mark)
      .filter(({ phase, op, operation }) => phase === "end" && changing.includes(op) && operation !== "drift");
    return done.map((entry) => `${entry.op} ${typeOf(entry.urn)} ${nameOf(entry.urn)}`);
  }

  async waitFor(what: string, found: (entry: Entry, index: number) => boolean, limitMs = 60_000): Promise<Entry> {
    for (const end = Date.now() + limitMs; Date.now() < end; await delay(50)) {
      const entry = this.account.entries().find(found);
      if (entry !== undefined) return entry;
    }
    throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
  }

  close(): void {
    this.forget();
    this.runner.close();
    this.long.close();
    for (const provider of this.providers) provider.stop();
    this.api?.server.closeAllConnections();
    this.api?.server.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  private async startFakeAws(): Promise<void> {
    this.api = await startAccountApi(this.account);
    const { url } = this.api;
    const endpoints = [{ applicationautoscaling: url, cloudwatch: url, ecr: url, ecs: url, elbv2: url }];
    // For the fake provider that creates clusters.
    this.environment.FAKE_CLUSTER = url;
    this.aws = { "aws:endpoints": endpoints, "aws:accessKey": "fake", "aws:secretKey": "fake" };
  }

  private async attach(names: readonly string[]): Promise<void> {
    // Record each provider as soon as it runs, so that close() stops it when another fails to start.
    const starting = names.map(async (name) => {
      this.providers.push(await ProviderProcess.start(name, this.environment));
    });
    for (const { reason } of (await Promise.allSettled(starting)) as PromiseRejectedResult[]) if (reason) throw reason;
  }

  private makeFolder(name: string): string {
    const folder = join(this.root, name);
    mkdirSync(folder);
    return folder;
  }
}
