import { presetNames, presets } from "./presets";

/** Where a server in a container accepts connections. */
export interface Listener {
  readonly port: number;
  /** Only from inside the container: nothing outside can reach it. */
  readonly isLoopback: boolean;
}

/** Of a socket in the state LISTEN (https://docs.kernel.org/networking/proc_net_tcp.html). */
const listening = "0A";

/** Reads /proc/net/tcp and /proc/net/tcp6. A port that is open on any other address is not loopback. */
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

/** Each word of an address is in the order of the machine, little-endian on both architectures. */
const isLoopback = (hex: string) =>
  /^([0-9A-F]{6}7F|0{16}FFFF0000[0-9A-F]{6}7F)$/.test(hex) || hex === "00000000000000000000000001000000";

/** How a person sets the two. */
export interface SettingNames {
  readonly port: string;
  readonly preset: string;
}

const keys: SettingNames = { port: "container.port:", preset: "container.preset" };

/** Why nothing reaches `port`, with what to set; undefined when the server listens there. */
export function describeListeners(listeners: readonly Listener[], port: number, names = keys): string | undefined {
  const own = listeners.find((listener) => listener.port === port);
  if (own?.isLoopback) return `listens on 127.0.0.1:${port} only; it must listen on 0.0.0.0`;
  if (own) return undefined;
  const open = listeners.filter((listener) => !listener.isLoopback).map((listener) => listener.port);
  const [first] = open;
  if (first !== undefined) return `listens on ${open.join(", ")}, not on ${port}: ${fixFor(first, names)}`;
  const inside = listeners.map((listener) => `127.0.0.1:${listener.port}`);
  if (inside.length > 0) return `listens on ${inside.join(", ")} only; it must listen on 0.0.0.0:${port}`;
  return "listens on no port yet";
}

function fixFor(port: number, names: SettingNames): string {
  const fitting = presetNames.filter((name) => name !== "ours" && name !== "other" && presets[name].port === port);
  const presetToo = fitting.length > 0 ? `, or ${names.preset} (${fitting.join(", ")})` : "";
  return `set ${names.port} ${port}${presetToo}`;
}
