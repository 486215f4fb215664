import { randomInt } from "node:crypto";
import { BlockList } from "node:net";
import { runCommand } from "../../../../tools/start/command";

/** A network of 254 addresses for pods, to which this machine has no route yet. 10.0.0.0/16 is the network of the stacks. */
export async function freeNetwork(): Promise<string> {
  const routes = await runCommand("ip", ["-4", "route", "show", "table", "all"], { limitSeconds: 10 });
  const taken = new BlockList();
  for (const [, address = "", length = "32"] of routes.matchAll(/\b(10(?:\.\d+){3})(?:\/(\d+))?/g)) {
    taken.addSubnet(address, Math.min(Number(length), 24));
  }
  for (let attempt = 0; attempt < 100; attempt++) {
    const prefix = `10.${randomInt(64, 250)}.${randomInt(0, 256)}`;
    if (!taken.check(`${prefix}.1`)) return `${prefix}.0/24`;
  }
  throw new Error("found no free network for pods between 10.64.0.0 and 10.249.255.0");
}
