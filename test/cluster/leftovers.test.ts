import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Engine, findEngine } from "../container/support/engine";
import { missingBusybox } from "./support/busybox-image";
import { HeldProcess, heldLimitMs } from "./support/held-process";
import { missingKubeNode } from "./support/node";
import { labelFilter } from "./support/tasks/clean-up";

const groups = "/sys/fs/cgroup";
const output = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: "utf8", timeout: 10_000 });
const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

function processesBelow(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const own = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...own, ...below.flatMap(({ name }) => processesBelow(join(folder, name)))];
}

/** A process that has ended exists until its parent, at last the machine's first process, asks for its exit code. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** A process that holds a node with a running pod. */
class HeldNode {
  private constructor(
    private readonly held: HeldProcess,
    private readonly folder: string,
    private readonly bridge: string,
    readonly links: readonly string[],
    readonly processes: readonly number[],
  ) {}

  static async start(): Promise<HeldNode> {
    const held = await HeldProcess.start(join(__dirname, "support/node/held-node.ts"));
    const bridge = `kn${held.pid}n1`;
    const links = namesIn(`/sys/class/net/${bridge}/brif`);
    return new HeldNode(held, dirname(held.line), bridge, links, processesBelow(`${groups}/pids/${bridge}`));
  }

  /** What is left of the node after the signal. */
  async left(signal: NodeJS.Signals): Promise<object> {
    await this.held.end(signal);
    const links = namesIn("/sys/class/net");
    const folders = existsSync(this.folder) ? [this.folder] : [];
    return {
      folders: [...folders, ...namesIn("/var/lib/cni/networks").filter((name) => name === this.bridge)],
      processes: this.processes.filter(isRunning),
      mounts: readFileSync("/proc/mounts", "utf8")
        .split("\n")
        .filter((line) => line.includes(this.folder)),
      links: [this.bridge, ...this.links].filter((name) => links.includes(name)),
      groups: namesIn(groups).filter((name) => namesIn(join(groups, name)).includes(this.bridge)),
    };
  }
}

const missing = missingKubeNode();
const suite = missing === undefined ? describe : describe.skip;

suite(`What a Kubernetes node leaves behind${missing === undefined ? "" : ` [skipped: ${missing}]`}`, function () {
  this.timeout(heldLimitMs + 60_000);
  const nothing = { folders: [], processes: [], mounts: [], links: [], groups: [] };
  /** Other programs name theirs otherwise (containerd, pkg/netns). */
  const networks = () => namesIn("/run/netns").filter((name) => name.startsWith("cni-"));
  const networksBefore = networks();
  const rulesOf = () =>
    output("iptables-save")
      .split("\n")
      .filter((line) => line.includes("KUBE-"));
  const rulesBefore = missing === undefined ? rulesOf() : [];
  let stopped: HeldNode;
  let interrupted: HeldNode;
  let ended: HeldNode;

  before(async () => {
    [stopped, interrupted, ended] = await Promise.all([HeldNode.start(), HeldNode.start(), HeldNode.start()]);
  });

  it("is something while a pod runs: several nodes run at a time", () => {
    for (const { links, processes } of [stopped, interrupted, ended]) {
      assert.equal(links.length, 1);
      assert.ok(processes.length > 8, `${processes.length} processes`);
    }
  });

  it("is nothing after stop, and another node goes on", async () => {
    assert.deepEqual(await stopped.left("SIGUSR2"), nothing);
    assert.ok(interrupted.processes.every(isRunning));
  });

  it("is nothing after SIGINT of the test process", async () => {
    assert.deepEqual(await interrupted.left("SIGINT"), nothing);
  });

  it("is nothing after SIGTERM of the test process", async () => {
    assert.deepEqual(await ended.left("SIGTERM"), nothing);
  });

  it("is no network namespace and no rule of iptables", () => {
    assert.deepEqual(networks(), networksBefore);
    assert.deepEqual(rulesOf(), rulesBefore);
  });
});

/** A process that holds two tasks with a volume each. */
class HeldTasks {
  private constructor(
    private readonly held: HeldProcess,
    private readonly docker: Engine["docker"],
    private readonly processes: readonly number[],
    /** Numbers of the machine's ends of their network interfaces. */
    private readonly links: readonly string[],
  ) {}

  static async start(docker: Engine["docker"]): Promise<HeldTasks> {
    const held = await HeldProcess.start(join(__dirname, "support/tasks/held-tasks.ts"));
    const containers = await idsOf(docker, held.line, "ps", "--all");
    const state = ["inspect", "--format", "{{.State.Pid}}", ...containers];
    const processes = (await docker.run(state, { limitSeconds: 10 })).split("\n").filter(Boolean).map(Number);
    const links = processes.map((pid) => readFileSync(`/proc/${pid}/root/sys/class/net/eth0/iflink`, "utf8"));
    return new HeldTasks(held, docker, processes, links);
  }

  /** How much of the tasks there is. */
  async counts() {
    const { docker, held } = this;
    return {
      containers: (await idsOf(docker, held.line, "ps", "--all")).length,
      volumes: (await idsOf(docker, held.line, "volume", "ls")).length,
      processes: this.processes.filter(isRunning).length,
      links: namesIn("/sys/class/net").filter((name) => this.links.includes(indexOf(name))).length,
    };
  }

  /** How much is left of the tasks after the signal. */
  async left(signal: NodeJS.Signals) {
    await this.held.end(signal);
    return this.counts();
  }
}

/** Empty for one that has just gone. */
function indexOf(link: string): string {
  const file = `/sys/class/net/${link}/ifindex`;
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function idsOf(docker: Engine["docker"], owner: string, ...listing: string[]): Promise<string[]> {
  const args = [...listing, "--quiet", `--filter=label=${labelFilter(owner)}`];
  return (await docker.run(args, { limitSeconds: 10 })).split("\n").filter(Boolean);
}

describe("What tasks leave behind", function () {
  this.timeout(heldLimitMs + 60_000);
  /** Two tasks: the network of each is a container. */
  const whole = { containers: 4, volumes: 2, processes: 4, links: 2 };
  const nothing = { containers: 0, volumes: 0, processes: 0, links: 0 };
  let engine: Engine;
  let stopped: HeldTasks;
  let interrupted: HeldTasks;
  let ended: HeldTasks;
  let killed: HeldTasks;

  before(async function () {
    const missing = missingBusybox();
    const found = missing === undefined ? await findEngine() : { missing };
    if ("missing" in found) {
      console.log(`    skipped: ${found.missing}`);
      return this.skip();
    }
    engine = found;
    const start = () => HeldTasks.start(engine.docker);
    [stopped, interrupted, ended, killed] = await Promise.all([start(), start(), start(), start()]);
  });
  after(async () => engine?.stop());

  it("is something while tasks run: several processes have tasks at a time", async () => {
    for (const held of [stopped, interrupted, ended, killed]) assert.deepEqual(await held.counts(), whole);
  });

  it("is nothing after stop, and the tasks of another process go on", async () => {
    assert.deepEqual(await stopped.left("SIGUSR2"), nothing);
    assert.deepEqual(await interrupted.counts(), whole);
  });

  it("is nothing after SIGINT of the test process", async () => {
    assert.deepEqual(await interrupted.left("SIGINT"), nothing);
  });

  it("is nothing after SIGTERM of the test process", async () => {
    assert.deepEqual(await ended.left("SIGTERM"), nothing);
  });

  it("is everything after SIGKILL of the test process, until another one starts tasks", async () => {
    assert.deepEqual(await killed.left("SIGKILL"), whole);
    const next = await HeldTasks.start(engine.docker);
    assert.deepEqual(await killed.counts(), nothing);
    assert.deepEqual(await next.left("SIGTERM"), nothing);
  });
});
