import net from "node:net";
import { performance } from "node:perf_hooks";

/**
 * Answers a second of a small GET over connections that stay open. Written on bare sockets, because an HTTP client
 * would cost more CPU than the answer does and would be what is measured.
 */
export async function answersPerSecond(
  port: number,
  path: string,
  connections: number,
  durationMs: number,
): Promise<number> {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  const end = performance.now() + durationMs;
  let answers = 0;
  const connection = () =>
    new Promise<void>((resolve) => {
      let pending = "";
      const socket = net.connect(port, "127.0.0.1", () => socket.write(request));
      socket.setTimeout(durationMs + 5000, () => socket.destroy());
      socket.on("data", (chunk) => {
        pending += chunk.toString("latin1");
        if (!isWhole(pending)) return;
        if (pending.startsWith("HTTP/1.1 200")) answers++;
        const closes = /^connection: close/im.test(pending);
        pending = "";
        if (performance.now() >= end || closes) socket.end();
        else socket.write(request);
      });
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
    });
  const client = async () => {
    while (performance.now() < end) await connection();
  };
  await Promise.all(Array.from({ length: connections }, client));
  return (answers * 1000) / durationMs;
}

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = Number(/^content-length: (\d+)/im.exec(answer)?.[1] ?? 0);
  return answer.length >= headEnd + 4 + length;
}
