import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reasonOf } from "../../components/core/reason";

interface Evaluation {
  readonly project: string;
  readonly stack: string;
  /** Values that are encrypted in the stack file are plain text here. */
  readonly config: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Evaluated<T> {
  readonly value: T;
  readonly warnings: readonly string[];
  /** A provider prints some of its errors and passes on an empty message. */
  readonly errors: readonly string[];
}

/**
 * Previews a program that only calls functions of providers, in a backend of its own: it neither reads nor locks the stack. Plugins are
 * those that the CLI has already.
 */
export async function inEngine<T>(evaluation: Evaluation, program: () => Promise<T>): Promise<Evaluated<T>> {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  const [warnings, errors]: [string[], string[]] = [[], []];
  const outcomes: Outcome<T>[] = [];
  try {
    const stack = await createStack(folder, evaluation, async () => {
      outcomes.push(
        await program()
          .then((value) => ({ value }))
          .catch((error: unknown) => ({ error })),
      );
    });
    await stack.preview({
      signal: evaluation.signal,
      onEvent: ({ diagnosticEvent: event }) => {
        if (event?.severity === "error") errors.push(event.message.trim());
        if (event?.severity === "warning" && !isOfEngine(event.message)) warnings.push(event.message.trim());
      },
    });
  } catch (error) {
    if (outcomes.length === 0) throw new Error(firstError(reasonOf(error)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [outcome = { error: new Error("The engine did not run the checks") }] = outcomes;
  if ("error" in outcome) throw outcome.error;
  return { value: outcome.value, warnings, errors };
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function createStack(folder: string, { project, stack, config }: Evaluation, program: () => Promise<void>) {
  const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation");
  const workspace = await LocalWorkspace.create({
    workDir: folder,
    program,
    projectSettings: { name: project, runtime: "nodejs" },
    stackSettings: { [stack]: { config } },
    envVars: {
      PULUMI_BACKEND_URL: pathToFileURL(folder).href,
      PULUMI_CONFIG_PASSPHRASE: "doctor",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  });
  return Stack.create(stack, workspace);
}

/** The CLI names the plugins that it takes from PATH. */
const isOfEngine = (warning: string) => warning.startsWith("using pulumi-resource-");

const firstError = (output: string) => /^ *error: (.*)$/m.exec(output)?.[1] ?? output.split("\n", 1)[0] ?? "";
