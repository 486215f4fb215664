import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type AwsConnection, awsConnection } from "../../components/aws/connection";
import { UserError } from "../cli/user-error";

const run = promisify(execFile);
const limitMs = 60_000;

/** {"aws:region": {"value": "us-east-1"}} -> {"aws:region": "us-east-1"} */
export function valuesOf(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, entry]) => [key, (entry as { value?: unknown }).value]));
}

/** The outputs of a stack; of the selected one when it is not named. */
export const stackOutputs = (stack?: string) => askPulumi(["stack", "output", "--json", ...named(stack)]);

/** The state of a stack, which has resources even after a failed first deployment. */
export const stackState = (stack?: string) => askPulumi(["stack", "export", ...named(stack)]);

/** How the stack's `aws:` keys reach its account. Secret keys are read in plain text and stay in this process. */
export async function stackConnection(stack?: string): Promise<AwsConnection> {
  return awsConnection(valuesOf(await askPulumi(["config", "--json", "--show-secrets", ...named(stack)])));
}

const named = (stack?: string) => (stack === undefined ? [] : ["--stack", stack]);

/** What a command of the Pulumi CLI prints as JSON. */
async function askPulumi(args: string[]): Promise<Record<string, unknown>> {
  const command = `pulumi ${args.join(" ")}`;
  try {
    const { stdout } = await run("pulumi", [...args, "--non-interactive"], { timeout: limitMs });
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch (error) {
    const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string };
    if (code === "ENOENT") throw new UserError("There is no pulumi on PATH: https://www.pulumi.com/docs/install");
    if (killed) throw new UserError(`${command} gave no answer in ${limitMs / 1000} s`);
    throw new UserError(`${command} failed:\n${stderr?.trim() || String(error)}`);
  }
}
