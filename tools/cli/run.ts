import { signInFault } from "../../components/aws/fault";
import { UserError } from "./user-error";

/** Runs a command; a failure is printed and ends it with exit code 1. */
export function run(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    console.error(lineFor(error) ?? error);
    process.exitCode = 1;
  });
}

/** The message of a known error. It recognizes errors by their fields: importing the SDKs for their classes takes longer than most commands. */
function lineFor(error: unknown): string | undefined {
  if (error instanceof UserError) return error.message;
  const { __pulumiRunError, $fault, name, message = "" } = Object(error) as Partial<MarkedError>;
  if (__pulumiRunError) return message;
  const isFromAws = $fault !== undefined || name === "CredentialsProviderError";
  return isFromAws ? (signInFault(message) ?? message) : undefined;
}

interface MarkedError extends Error {
  readonly __pulumiRunError: true;
  readonly $fault: string;
}
