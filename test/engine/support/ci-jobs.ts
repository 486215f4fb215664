import assert from "node:assert/strict";
import { type Expressions, readWorkflow, shellSteps } from "../../support/workflow";
import type { Result } from "./runner";
import type { Sandbox } from "./sandbox";

/** What GitHub fills in. Credentials come from the action that the sandbox replaces. */
const expressions: Expressions = {
  "vars.STEPS || '5,25,50,100'": "50,100",
  "vars.BAKE || '5m'": "1s",
  "github.token": "token",
  "matrix.stack": "dev",
};

/** Runs the shell steps of a job one after the other, as GitHub does: the first that fails is the last. */
export async function runJob(
  sandbox: Sandbox,
  file: string,
  name: string,
  values: Expressions,
  own: NodeJS.ProcessEnv,
) {
  const workflow = readWorkflow(file);
  const results: Result[] = [];
  // The sandbox has its own backend and passphrase.
  const backend = ["vars.PULUMI_BACKEND_URL", "secrets.PULUMI_ACCESS_TOKEN", "secrets.PULUMI_CONFIG_PASSPHRASE"];
  const all = { ...expressions, ...Object.fromEntries(backend.map((expression) => [expression, ""])), ...values };
  for (const { run, env } of shellSteps(workflow, name, all)) {
    const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
    const result = await sandbox.shell(run, { ...given, ...own });
    results.push(result);
    if (result.code !== 0) break;
  }
  return results;
}

export const outputOf = (results: readonly Result[]) => results.map(({ output }) => output).join("\n");

export function assertGreen(results: readonly Result[], steps: number): string {
  assert.ok(results.length === steps && results.every(({ code }) => code === 0), outputOf(results));
  return outputOf(results);
}
