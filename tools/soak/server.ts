import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { allocatorOfTheImage } from "../../app/test/support/image-allocator";
import { askReadiness } from "../../components/core/readiness";
import { UserError } from "../cli/user-error";
import { freePortFrom } from "../start/port";
import { heapMiB } from "../start/replica";

const firstPort = 18_080;
const cpuUnits = 2048;
const memoryMiB = 2048;
const startLimitMs = 120_000;
const drainLimitMs = 40_000;

export interface Held {
  readonly sockets: number;
  readonly threads: number;
}

/** app/ as a process of its own, with the limits of a replica of 2 vCPU and the allocator of the image. */
export class SoakedServer {
  /** Workers that it replaced. */
  losses = 0;
  /** Memory in MB after the server gave back what it did not use: once for each `askForHeldMemory`. */
  readonly heldMb: number[] = [];
  /** Its other errors, by message. */
  readonly errors = new Map<string, number>();
  private readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    this.ended = once(child, "close");
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.read(line));
    child.stderr?.pipe(process.stderr);
  }

  static async start(appFolder: string): Promise<SoakedServer> {
    const port = await freePortFrom(firstPort);
    const args = [
      `--require=${join(__dirname, "end-worker.js")}`,
      "--expose-gc",
      `--max-old-space-size=${heapMiB(memoryMiB)}`,
    ];
    const child = spawn(process.execPath, [...args, "dist/main.js"], {
      cwd: appFolder,
      env: {
        PATH: process.env.PATH,
        ...allocatorOfTheImage(),
        HOST: "127.0.0.1",
        PORT: `${port}`,
        CPU_UNITS: `${cpuUnits}`,
        LOG_LEVEL: "error",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.once("exit", () => child.kill("SIGKILL"));
    const server = new SoakedServer(child, port);
    for (const end = Date.now() + startLimitMs; !(await server.isReady()); await sleep(100)) {
      if (server.hasEnded) throw new UserError(`app/ ended before it was ready, with exit code ${child.exitCode}`);
      if (Date.now() > end) throw new UserError(`app/ was not ready after ${startLimitMs / 1000} s`);
    }
    return server;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}/`);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async isReady(): Promise<boolean> {
    return (await askReadiness(new URL("/ready", this.url).href)) === undefined;
  }

  endWorker(): void {
    this.child.kill("SIGUSR2");
  }

  askForHeldMemory(): void {
    this.child.kill("SIGHUP");
  }

  /** In MB; undefined where there is no /proc. */
  residentMb(): number | undefined {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(this.proc("status") ?? "")?.[1];
    return kib === undefined ? undefined : (Number(kib) * 1024) / 1e6;
  }

  held(): Held | undefined {
    const threads = /^Threads:\s+(\d+)/m.exec(this.proc("status") ?? "")?.[1];
    if (threads === undefined) return undefined;
    const folder = `/proc/${this.child.pid}/fd`;
    const sockets = readdirSync(folder).filter((fd) => isSocket(join(folder, fd)));
    return { sockets: sockets.length, threads: Number(threads) };
  }

  /** The exit code after SIGTERM, or what ended the process. */
  async stop(): Promise<string> {
    this.child.kill("SIGTERM");
    await Promise.race([this.ended, sleep(drainLimitMs, undefined, { ref: false })]);
    if (!this.hasEnded) return `no end within ${drainLimitMs / 1000} s`;
    return this.child.signalCode ?? `exit code ${this.child.exitCode}`;
  }

  private proc(name: string): string | undefined {
    try {
      return readFileSync(`/proc/${this.child.pid}/${name}`, "utf8");
    } catch {
      return undefined;
    }
  }

  private read(line: string): void {
    const { msg = line, megabytes } = JSON.parse(line) as { msg?: string; megabytes?: number };
    if (megabytes !== undefined) this.heldMb.push(megabytes);
    else if (msg.startsWith("a worker was lost")) this.losses++;
    else this.errors.set(msg, (this.errors.get(msg) ?? 0) + 1);
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    return false;
  }
}
