import { UserError } from "./user-error";

/** Runs a command; what goes wrong is told, and ends it with exit code 1. */
export function run(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    console.error(isForPeople(error) ? error.message : error);
    process.exitCode = 1;
  });
}

/** By their marks: loading Pulumi's SDK or AWS's for their classes would take longer than most commands do. */
function isForPeople(error: unknown): error is Error {
  if (error instanceof UserError) return true;
  const marks = Object(error) as { __pulumiRunError?: true; $fault?: string; name?: string };
  return marks.__pulumiRunError === true || marks.$fault !== undefined || marks.name === "CredentialsProviderError";
}
