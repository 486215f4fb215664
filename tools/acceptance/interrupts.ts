import type { EventEmitter } from "node:events";

/** One Ctrl-C may arrive twice: from the terminal, and from npm, which passes it on. */
const sameMs = 500;

/** The first signal asks the run to end. The second one leaves at once. */
export class Interrupts {
  private readonly first = new AbortController();
  readonly signal = this.first.signal;
  private firstMs = 0;

  constructor(
    private readonly leave: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The function stops listening. Writing to a terminal that was closed fails with EIO, which must not end the run. */
  listen(process: Pick<EventEmitter, "on" | "off">, outputs: readonly NodeJS.WritableStream[]): () => void {
    for (const output of outputs) output.on("error", () => {});
    const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    const came = (signal: NodeJS.Signals) => this.came(signal);
    for (const name of names) process.on(name, came);
    return () => {
      for (const name of names) process.off(name, came);
    };
  }

  /** A closed terminal is no second Ctrl-C: nobody reads the commands that clean up. */
  came(signal?: NodeJS.Signals): void {
    if (!this.signal.aborted) {
      this.firstMs = this.now();
      this.first.abort();
    } else if (signal !== "SIGHUP" && this.now() - this.firstMs > sameMs) this.leave();
  }
}
