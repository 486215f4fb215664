import { readFileSync } from "node:fs";
import type { RunningContainer } from "../container/running-container";

/** Where a server accepts connections. */
export interface Listener {
  readonly port: number;
  /** Only from inside the container: nothing outside can reach it. */
  readonly isLoopback: boolean;
}

/** Of a socket in the state LISTEN (https://docs.kernel.org/networking/proc_net_tcp.html). */
const listening = "0A";

/** Reads /proc/net/tcp and /proc/net/tcp6. A port that is open everywhere counts as open. */
export function parseListeners(table: string): Listener[] {
  const found = new Map<number, boolean>();
  for (const line of table.split("\n")) {
    const [, local = "", , state] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (state !== listening || port === "") continue;
    const number = Number.parseInt(port, 16);
    found.set(number, isLoopback(address) && (found.get(number) ?? true));
  }
  return [...found].map(([port, loopback]) => ({ port, isLoopback: loopback })).sort((a, b) => a.port - b.port);
}

/** The words of an address are in the order of the machine, little-endian on both architectures of AWS. */
const isLoopback = (hex: string) =>
  /^[0-9A-F]{6}7F$/.test(hex) || /^0{16}FFFF0000[0-9A-F]{6}7F$/.test(hex) || hex === "00000000000000000000000001000000";

/** Undefined if the image has no `cat` and the container runs on another machine. */
export async function listenersOf(container: RunningContainer): Promise<Listener[] | undefined> {
  const table = await procFile(container, "net/tcp");
  if (table === undefined) return undefined;
  return parseListeners(`${table}\n${(await procFile(container, "net/tcp6")) ?? ""}`);
}

/** A file of the first process: from inside with `cat`, or else from this machine if Docker runs on it. */
export async function procFile(container: RunningContainer, name: string): Promise<string | undefined> {
  const inside = await container.execute("cat", `/proc/1/${name}`).catch(() => undefined);
  if (inside !== undefined || process.platform !== "linux" || !isLocalEngine(container)) return inside;
  try {
    return readFileSync(`/proc/${await container.state("Pid")}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}

const isLocalEngine = ({ host = "unix://" }: { host?: string }) => host.startsWith("unix://");
