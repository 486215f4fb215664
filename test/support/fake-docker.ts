import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError } from "../../tools/start/command";
import { Docker } from "../../tools/start/docker";

/** As Docker sees it: once it has ended, it publishes no port. */
export interface FakeContainer {
  /** Of this machine. */
  port?: number;
  isRunning: boolean;
  exitCode?: number;
  log?: string;
}

type Output = (text: string, stream: "stdout" | "stderr") => void;

/** Docker with one container; `docker kill` ends it. */
export class FakeDocker extends Docker {
  constructor(private readonly container: FakeContainer) {
    super();
  }

  override async run([command = "", ...words]: readonly string[], { onOutput }: { onOutput?: Output }) {
    const { isRunning } = this.container;
    if (command === "kill" && !isRunning)
      throw new CommandError("docker kill", "exit code 1", "container is not running");
    // As in an image without a shell.
    if (command === "exec") throw new CommandError("docker exec", "exit code 127", "executable file not found");
    if (command === "kill") this.container.isRunning = false;
    if (command === "logs") onOutput?.(this.container.log ?? "", "stdout");
    return this.answer(command, words.join(" "));
  }

  private answer(command: string, words: string): string {
    const { isRunning, port, exitCode = 0 } = this.container;
    if (command === "port" && isRunning && port !== undefined) return `127.0.0.1:${port}\n`;
    if (command === "stats") return "10MiB / 100MiB";
    if (command !== "inspect") return "";
    if (words.includes("Running")) return `${isRunning}\n`;
    return words.includes("ExitCode") ? `${exitCode}\n` : "false\n";
  }
}

interface Fate {
  /** By the seconds since the server opened; undefined for the end of the container. */
  status(path: string, seconds: number): number | undefined;
}

/** A container with an HTTP server in it. */
export async function withFakeServer<T>({ status }: Fate, use: (container: FakeContainer) => Promise<T>): Promise<T> {
  const container: FakeContainer = { isRunning: true, exitCode: 3, log: "ready\nTraceback\nout of luck\n" };
  const openedMs = performance.now();
  const server = createServer(({ url = "" }, response) => {
    const code = container.isRunning ? status(url, (performance.now() - openedMs) / 1000) : undefined;
    if (code !== undefined) return response.writeHead(code).end();
    container.isRunning = false;
    response.destroy();
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  container.port = (server.address() as AddressInfo).port;
  try {
    return await use(container);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
