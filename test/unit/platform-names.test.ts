import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { targets } from "../../components/targets";
import { projectFolder } from "../../tools/stack/file";

const names: readonly string[] = targets.map(({ name }) => name);

/** The folders in which a target may write its own name. */
const ownFolders = targets.map(({ componentType }) =>
  (componentType.split(":").at(-1) ?? "").replace(
    /[A-Z]/g,
    (letter, at) => `${at === 0 ? "" : "-"}${letter.toLowerCase()}`,
  ),
);

function modules(folder: string): string[] {
  return readdirSync(join(projectFolder, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ownFolders.includes(entry.name) ? [] : modules(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

/** Each string that is the name of a target, with the expression around it. Object keys do not count. */
function written(path: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteralLike(node) && names.includes(node.text)) found.push(`${path} ${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true));
  return found;
}

/** The same words with another meaning, with their count in the file. */
const otherMeanings: readonly (readonly [count: number, file: string, word: string, meaning: string])[] = [
  [1, "components/aws/ecs.ts", "ecs", "the service whose endpoint an AWS client calls"],
  [1, "components/aws/scaling-bounds.ts", "ecs", "ServiceNamespace of Application Auto Scaling"],
  [1, "components/aws/providers.ts", "eks", "the Pulumi package @pulumi/eks"],
  [1, "components/network/index.ts", "eks", "the service of an interface endpoint"],
  [15, "components/settings/eks.ts", "eks", "the settings key eks, and the target of its example"],
  [1, "tools/acceptance/leftovers.ts", "ecs", "the service that the AWS CLI asks"],
  [1, "tools/doctor/plugins.ts", "eks", "the Pulumi package @pulumi/eks"],
  [1, "tools/doctor/quotas.ts", "eks", "the service code of a quota"],
  [1, "tools/load/replica-reader.ts", "ecs", "the service whose endpoint an AWS client calls"],
  [1, "tools/try/ecs-runner.ts", "ecs", "the service whose endpoint an AWS client calls"],
  [1, "tools/permissions/actions/functions.ts", "ecs", "the prefix of an IAM action"],
  [1, "tools/restart/ecs.ts", "ecs", "the service whose endpoint an AWS client calls"],
  [2, "tools/offline/cloud.ts", "ecs", "the service in an arn"],
  [2, "tools/offline/cloud.ts", "eks", "the service in an arn"],
  [1, "tools/start/start.ts", "local", "the stack of Pulumi.local.yaml"],
];

describe("the names of platforms", () => {
  it("are found as strings, in comparisons and types, and not as keys", () => {
    const source = 'type T = "ecs"; const a = { eks: 1 }; if (b === "eks" || c === `local`) b.ecs = "ecs2";';
    assert.deepEqual(written("a.ts", source), ["a.ts ecs", "a.ts eks", "a.ts local"]);
    assert.deepEqual(ownFolders, ["ecs-fargate-service", "eks-service", "local-service"]);
  });

  it("are written only in the folders of their targets", () => {
    const files = ["index.ts", ...modules("components"), ...modules("tools")];
    assert.ok(files.length > 150, `${files.length} files`);
    const found = files.flatMap((path) => written(path, readFileSync(join(projectFolder, path), "utf8")));
    const expected = otherMeanings.flatMap(([count, file, word]) =>
      Array.from({ length: count }, () => `${file} ${word}`),
    );
    assert.deepEqual(found.sort(), expected.sort());
  });
});
