import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { buildFileRules } from "../../../components/settings/build-files";
import { evaluateStack } from "../../../tools/offline";
import { type Configuration, configurations, project } from "./configuration";
import { judge } from "./judge";
import { judgePlan } from "./plan";

/** The keys of the project that took part in configurations of each kind. */
export interface Judged {
  readonly accepted: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
}

const ownKeys = (configuration: Configuration) =>
  Object.keys(configuration).map((key) => key.replace(`${project}:`, ""));

/** A failure prints the seed and the smallest configuration that fails. */
export function judgeConfigurations(numRuns: number, seed: number): Judged {
  const [accepted, refused] = [new Set<string>(), new Set<string>()];
  fc.assert(
    fc.property(configurations, (configuration) => {
      const settings = judge(configuration);
      for (const key of ownKeys(configuration)) (settings ? accepted : refused).add(key);
    }),
    { numRuns, seed },
  );
  return { accepted, refused };
}

/** Evaluates those of the configurations that are accepted, about a third. Returns their targets. */
export async function judgePlans(numRuns: number, seed: number): Promise<ReadonlySet<string>> {
  const folder = mkdtempSync(join(tmpdir(), "configurations-"));
  const file = join(folder, "Pulumi.test.yaml");
  const targets = new Set<string>();
  try {
    await fc.assert(
      fc.asyncProperty(configurations, async (configuration) => {
        const settings = judge(configuration, buildFileRules);
        if (!settings) return;
        writeFileSync(file, stringify({ config: configuration }));
        judgePlan(await evaluateStack("test", { file, project }), settings);
        targets.add(settings.target);
      }),
      { numRuns, seed },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  return targets;
}
