import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../cli/user-error";
import { type Finished, runPulumi } from "../stack/pulumi-run";
import type { Change } from "./preview-gate";

export interface Updated {
  readonly succeeded: boolean;
  /** Who holds the lock, if that kept the update from beginning: nothing was changed. */
  readonly lock?: string;
}

/** The two commands of the Pulumi CLI that a release needs. */
export interface Pulumi {
  /** What an update with this stack file would change. The signal ends it. */
  preview(stackFile: string, signal?: AbortSignal): Promise<Change[]>;
  /** An update with the stack file as it is. */
  up(message: string, signal?: AbortSignal): Promise<Updated>;
}

export function pulumiCli(stack: string, tell: (line: string) => void): Pulumi {
  const usual = ["--stack", stack, "--non-interactive", "--color", "never"];
  return {
    preview: async (stackFile, signal) => {
      const folder = mkdtempSync(join(tmpdir(), "release-"));
      try {
        const path = join(folder, `Pulumi.${stack}.yaml`);
        writeFileSync(path, stackFile);
        const args = ["preview", "--json", "--config-file", path, ...usual];
        const finished = await runPulumi(args, () => {}, signal);
        if (signal?.aborted) throw new UserError("Interrupted. Nothing was changed.");
        return changesIn(finished);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    up: async (message, signal) => {
      const options = ["--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress", "--message", message];
      const { code, output } = await runPulumi(["up", ...options, ...usual], tell, signal);
      // The file backend and Pulumi Cloud.
      const [lock] = /^.*(?:currently locked by|Another update is currently in progress)[\s\S]*/m.exec(output) ?? [];
      return { succeeded: code === 0, ...(code !== 0 && lock !== undefined && { lock: lock.trim() }) };
    },
  };
}

interface PreviewOutput {
  readonly steps?: readonly Change[];
  readonly diagnostics?: readonly { readonly message: string; readonly severity: string }[];
}

function changesIn({ code, stdout, output }: Finished): Change[] {
  const printed = parsed(stdout);
  const { steps = [], diagnostics = [] } = printed ?? {};
  // Counted as no changes, an output without them would let every change pass.
  if (code === 0 && printed === undefined)
    throw new UserError(`pulumi preview printed no list of changes:\n${output.trim()}`);
  if (code === 0) return steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, urn }) => ({ op, urn }));
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message.trim());
  throw new UserError(`pulumi preview failed:\n${errors.join("\n") || output.trim()}`);
}

function parsed(stdout: string): PreviewOutput | undefined {
  try {
    return JSON.parse(stdout) as PreviewOutput;
  } catch {
    return undefined;
  }
}
