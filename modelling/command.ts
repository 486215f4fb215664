import { FatalError } from "../app/src/fatal-error";

/** Runs a command. A user error prints one line and exits with 1; any other error keeps its stack trace. */
export function runCommand(command: (args: string[]) => Promise<void>): void {
  command(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof FatalError ? error.message : error);
    process.exitCode = 1;
  });
}
