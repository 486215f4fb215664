import { duration } from "./spoken";

const lineEverySeconds = 30;
const columns = 79;

/** How long a command has run and what it waits for: one line that is overwritten, or elsewhere a line now and then. */
export class ProgressLine {
  private startedMs = 0;
  private lastLineMs = 0;

  constructor(private readonly out: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stderr) {}

  start(): void {
    this.startedMs = performance.now();
    this.lastLineMs = this.startedMs;
  }

  show(text: string): void {
    const now = performance.now();
    const line = `  ${duration((now - this.startedMs) / 1000)}${text && `: ${text}`}`;
    if (this.out.isTTY) {
      this.out.write(`\r\x1b[K${line.slice(0, columns)}`);
    } else if (now - this.lastLineMs >= lineEverySeconds * 1000) {
      this.lastLineMs = now;
      this.out.write(`${line}\n`);
    }
  }

  clear(): void {
    if (this.out.isTTY) this.out.write("\r\x1b[K");
  }
}
