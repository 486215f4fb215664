import { createInterface } from "node:readline";

interface Asking {
  /** What Enter, Ctrl-D and a closed terminal mean. */
  readonly otherwise: boolean;
  /** Ctrl-C while the question is open. Without it, Ctrl-C is answered like Ctrl-D. */
  readonly interrupt?: () => void;
}

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

const own: Terminal = { input: process.stdin, output: process.stdout };

/** Undefined when nobody sits at a terminal. */
export function ask(
  question: string,
  { otherwise, interrupt }: Asking,
  { input, output }: Terminal = own,
): Promise<boolean | undefined> {
  if (!input.isTTY) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    // A terminal that was closed fails with EIO, here when readline switches its mode.
    input.on("error", () => resolve(otherwise));
    const asking = createInterface({ input, output });
    asking.on("error", () => resolve(otherwise));
    if (interrupt) asking.on("SIGINT", interrupt);
    asking.on("close", () => resolve(otherwise));
    asking.question(`${question} ${otherwise ? "[Y/n]" : "[y/N]"} `, (answer) => {
      resolve(otherwise ? !/^no?$/i.test(answer.trim()) : /^y(es)?$/i.test(answer.trim()));
      asking.close();
    });
  });
}
