import type { EventEmitter } from "node:events";
import { createInterface } from "node:readline/promises";

export interface Interruption {
  readonly signal: AbortSignal;
  readonly goesBack: () => Promise<boolean>;
}

/** npm passes Ctrl-C on a second time. */
const copyMs = 1000;

interface Surroundings {
  readonly signals: Pick<EventEmitter, "on">;
  readonly outputs: readonly Pick<EventEmitter, "on">[];
  readonly question: typeof ask;
}

const own: Surroundings = { signals: process, outputs: [process.stdout, process.stderr], question: ask };

/** The first signal interrupts the release. Later ones change nothing. In a terminal that was closed it goes back without a question. */
export function untilInterrupted(
  tell: (text: string) => void,
  asks: boolean,
  { signals, outputs, question }: Surroundings = own,
): Interruption {
  const interrupted = new AbortController();
  let first = 0;
  let hasTerminal = true;
  // Writing to a terminal that was closed fails with EIO. That would end this process, and with it the output of the update that runs.
  for (const output of outputs) output.on("error", () => {});
  const interrupt = (signal: NodeJS.Signals) => {
    if (signal === "SIGHUP") hasTerminal = false;
    if (!interrupted.signal.aborted) {
      first = Date.now();
      tell("\nInterrupted. Pulumi finishes what it has begun ...");
    } else if (Date.now() - first > copyMs)
      tell("Interrupted already. The update of Pulumi must end, and a second interruption does not stop it.");
    interrupted.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) signals.on(name, interrupt);
  const goesBack = async () => !asks || !hasTerminal || question("Go back to the shares of before?", true);
  return { signal: interrupted.signal, goesBack };
}

/** Enter is yes. Ctrl-C and the end of the input answer with the last argument. */
export async function ask(question: string, otherwise: boolean): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<boolean>((resolve) => {
    terminal.once("SIGINT", () => resolve(otherwise));
    terminal.once("close", () => resolve(otherwise));
  });
  const answered = terminal.question(`${question} [Y/n] `).then((answer) => !/^\s*n/i.test(answer));
  try {
    return await Promise.race([answered, closed]);
  } finally {
    terminal.close();
  }
}
