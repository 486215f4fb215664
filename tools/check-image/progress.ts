const lineEveryMs = 10_000;
const columns = 79;

/** One line of a terminal that is overwritten; elsewhere a line every few seconds. On stderr: stdout is for the report. */
export class Progress {
  private lastLineMs = performance.now();

  constructor(private readonly out = process.stderr) {}

  show(text: string): void {
    if (this.out.isTTY) {
      this.out.write(`\r\x1b[K${text.slice(0, columns)}`);
    } else if (performance.now() - this.lastLineMs > lineEveryMs) {
      this.lastLineMs = performance.now();
      this.out.write(`${text}\n`);
    }
  }

  clear(): void {
    if (this.out.isTTY) this.out.write("\r\x1b[K");
  }
}
