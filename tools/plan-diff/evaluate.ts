import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Offline from "../offline";
import type { Case } from "../permissions/needs";

/** A case of one revision: its resources, or why the program refuses it. */
export type Evaluated = { readonly resources: Offline.Plan["resources"] } | { readonly refused: string };

/** Runs in the folder of a revision, with that revision's program and evaluator. */
async function main([cases = "[]", project = "", file = ""]: readonly string[]): Promise<void> {
  const { evaluateStack } = require(join(process.cwd(), "tools/offline")) as typeof Offline;
  const evaluated: Evaluated[] = [];
  for (const { stack, overrides } of JSON.parse(cases) as readonly Case[]) {
    try {
      evaluated.push({ resources: (await evaluateStack(stack, { overrides, project })).resources });
    } catch (error) {
      evaluated.push({ refused: error instanceof Error ? error.message : String(error) });
    }
  }
  writeFileSync(file, JSON.stringify(evaluated));
}

void main(process.argv.slice(2));
