import { FatalError } from "../app/src/fatal-error";

/** Runs a command; a person's mistake is one line and exit code 1, anything else keeps its stack. */
export function runCommand(command: (args: string[]) => Promise<void>): void {
  command(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof FatalError ? error.message : error);
    process.exitCode = 1;
  });
}
