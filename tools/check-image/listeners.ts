import { readFileSync } from "node:fs";
import { type Listener, parseListeners } from "../../components/core/listeners";
import type { RunningContainer } from "../container/running-container";

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
