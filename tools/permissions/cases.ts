import { readdirSync } from "node:fs";
import { RunError } from "@pulumi/pulumi";
import { runsOnAws } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { stackSettings } from "../stack/settings";
import type { Case } from "./needs";

/** The stack files of the project, without those of acceptance runs. */
function stackFiles(): string[] {
  return readdirSync(projectFolder)
    .flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => !stack.endsWith("-acceptance"))
    .sort();
}

interface Cases {
  readonly cases: readonly Case[];
  /** Stacks that cannot flip as they are declared, with the reason. */
  readonly notes: readonly string[];
}

/** Every stack on AWS as its file declares it and, because a flip passes there, on both platforms. */
export function projectCases(stacks: readonly string[] = stackFiles()): Cases {
  const cases: Case[] = [];
  const notes: string[] = [];
  for (const stack of stacks) {
    const { target } = stackSettings(stack);
    if (!runsOnAws(target)) continue;
    cases.push({ stack });
    if (target === "both" || target === "variants") continue;
    const both: Case = { stack, overrides: { target: "both" } };
    const reason = refusalOf(both);
    if (reason === undefined) cases.push(both);
    else notes.push(`Stack ${stack} is covered with target ${target} only: ${reason}`);
  }
  return { cases, notes };
}

function refusalOf({ stack, overrides }: Case): string | undefined {
  try {
    stackSettings(stack, overrides);
    return undefined;
  } catch (error) {
    if (error instanceof UserError || RunError.isInstance(error)) return error.message;
    throw error;
  }
}
