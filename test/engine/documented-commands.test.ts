import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readProject } from "../../tools/stack/file";
import { documentedCommands } from "../support/documented-commands";
import type { Sandbox } from "./support/sandbox";
import { describeWithEngine } from "./support/suite";

const ownKeys = Object.keys(readProject().config ?? {});

/** The words that a shell makes of a command line. */
const wordsOf = (command: string) =>
  execFileSync("sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

/** Those that name their values, without a placeholder such as <name> or …. */
const settings = [...new Set(documentedCommands().map(({ command }) => command))]
  .filter((command) => command.startsWith("pulumi config set ") && !/[<…]/.test(command))
  .map((command) => wordsOf(command).slice(1))
  .filter((words) => words.length > 3);

describeWithEngine("Commands of Pulumi in documents", (open) => {
  let sandbox: Sandbox;
  const keyOf = (words: readonly string[]) => words.slice(2).find((word) => !word.startsWith("--")) ?? "";
  const inProgram = (words: readonly string[]) => {
    const [top = ""] = keyOf(words).split(/[.[]/);
    return ownKeys.includes(top) || top.startsWith("aws:") ? [] : ["--cwd", join(sandbox.project, "ci")];
  };

  before(async () => {
    sandbox = await open();
    await sandbox.must("stack", "init", "dev");
    await sandbox.must("stack", "init", "ci", "--cwd", join(sandbox.project, "ci"));
  });

  it("are many of pulumi config set", () => assert.ok(settings.length > 10, `${settings.length}`));

  for (const words of settings)
    it(`sets what it says: pulumi ${words.join(" ")}`, async () => {
      await sandbox.must(...words, ...inProgram(words));
      const file = inProgram(words).length > 0 ? "ci/Pulumi.ci.yaml" : "Pulumi.dev.yaml";
      const { config } = parse(readFileSync(join(sandbox.project, file), "utf8"));
      const [top = ""] = keyOf(words).split(/[.[]/);
      assert.match(Object.keys(config).join(" "), new RegExp(`(^|:| )${top.replace("aws:", "")}( |$)`));
    });
});

describeWithEngine("Deploy in six steps of README.md", (open) => {
  it("previews the dev stack with the region and the callers that the steps set", async () => {
    const sandbox = await open();
    await sandbox.must("login", "--local");
    await sandbox.createStack("dev");
    for (const words of settings.filter((each) => each.includes("aws:region") || each.includes("ingressCidrs[0]")))
      await sandbox.must(...words);
    const { output } = await sandbox.must("preview");
    assert.match(output, /aws:lb:LoadBalancer/);
  });
});
