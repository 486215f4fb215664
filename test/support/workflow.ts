import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectFolder } from "../../tools/stack/file";

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const workflowFolder = join(projectFolder, ".github/workflows");

export const readWorkflow = (file: string) => parse(readFileSync(join(workflowFolder, file), "utf8")) as Workflow;

/** Values of `${{ … }}`, by the text between the braces. */
export type Expressions = Readonly<Record<string, string>>;

/** An expression without a value fails: the test must say what GitHub would put there. */
export const filledIn = (text: string, values: Expressions) =>
  text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = values[expression];
    assert.ok(value !== undefined, `the test has no value for \${{ ${expression} }}`);
    return value;
  });

/** The shell steps of a job, with their environment. Actions, and `npm ci`, are what a test replaces. */
export function shellSteps(workflow: Workflow, name: string, values: Expressions) {
  const job = workflow.jobs[name];
  assert.ok(job, `the workflow has no job ${name}`);
  return job.steps
    .filter(({ run }) => run !== undefined && !run.startsWith("npm ci "))
    .map(({ run = "", env }) => ({
      run: filledIn(run, values),
      env: Object.fromEntries(
        Object.entries({ ...workflow.env, ...job.env, ...env }).map(([key, value]) => [key, filledIn(value, values)]),
      ),
    }));
}
