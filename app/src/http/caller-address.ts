import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";

const inside = new BlockList();
for (const [net, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  inside.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  ["::1", 128],
  ["fc00::", 7],
] as const) {
  inside.addSubnet(net, prefix, "ipv6");
}

/**
 * The address of the caller. An Application Load Balancer appends the address that called it to X-Forwarded-For, so only the last
 * entry can be trusted: callers write the others. A peer with a public address is not a load balancer, so its own address counts.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
export function callerAddress({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): string {
  const peer = (socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "");
  const forwarded = headers["x-forwarded-for"];
  const last = typeof forwarded === "string" ? forwarded.split(",").at(-1)?.trim() : undefined;
  return network(last && inside.check(peer, isIPv6(peer) ? "ipv6" : "ipv4") ? last : peer);
}

/** A subscriber usually has a whole /64 of IPv6 addresses. */
function network(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head ? head.split(":") : [];
  const behind = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length;
  return [...groups, ...Array.from({ length: zeros }, () => "0"), ...behind].slice(0, 4).join(":");
}
