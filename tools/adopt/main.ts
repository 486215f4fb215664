import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag, help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { projectFolder, readProject } from "../stack/file";
import { type Edit, earlierOwner, editsFor } from "./edits";

const usage = `npm run adopt -- --name <project> --owner <GitHub owner> [--dry-run]

Makes a fork your own: sets the name of the project and its packages, homepage
and repository, .github/CODEOWNERS, the keys and tags of the stack files, and
the role names of CI. Changes all files or none, and prints each. Run it again
for another name or owner.
--dry-run  prints what it would change

Before the first pulumi up: a deployed stack belongs to the project's name.`;

async function main(): Promise<void> {
  const options = { name: text, owner: text, "dry-run": flag, help };
  const { name, owner, "dry-run": isDry = false, help: asks } = optionsOf(process.argv.slice(2), options, usage);
  if (asks) return console.log(usage);
  if (name === undefined || owner === undefined)
    throw new UserError(`--${name === undefined ? "name" : "owner"} is missing\n\n${usage}`);
  // npm and Pulumi both accept it, and it starts the names of AWS resources.
  if (!/^[a-z][a-z0-9-]{0,38}$/.test(name))
    throw new UserError(
      `--name is ${name}; expected lower-case letters, digits and hyphens, at most 39, first a letter`,
    );
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/.test(owner))
    throw new UserError(`--owner is ${owner}; expected a user or an organization of GitHub`);
  const project = readProject().name;
  const earlier = earlierOwner(readFileSync(join(projectFolder, "package.json"), "utf8"), project);
  adopt(editsFor({ name, owner }, project, stackFiles(), earlier), isDry);
}

const stackFiles = () =>
  ["", "ci/"].flatMap((folder) =>
    readdirSync(join(projectFolder, folder))
      .filter((file) => /^Pulumi\.[\w-]+\.yaml$/.test(file))
      .map((file) => `${folder}${file}`),
  );

/** Every file is edited in memory first: a problem in the last one leaves the first one as it was. */
function adopt(edits: readonly Edit[], isDry: boolean): void {
  const texts = new Map<string, string | undefined>();
  const before = new Map<string, string | undefined>();
  const problems: string[] = [];
  const lines: string[] = [];
  for (const { file, sets, edit } of edits) {
    const path = join(projectFolder, file);
    if (!before.has(file)) before.set(file, existsSync(path) ? readFileSync(path, "utf8") : undefined);
    const now = texts.get(file) ?? before.get(file);
    const edited = edit(now);
    if ("problem" in edited) problems.push(`  ${file}: ${edited.problem}`);
    else {
      if (edited.text !== now) lines.push(`  ${file}: ${sets}`);
      texts.set(file, edited.text);
    }
  }
  if (problems.length > 0)
    throw new UserError(`Nothing was changed. These files cannot be edited without loss:\n${problems.join("\n")}`);
  if (!isDry)
    for (const [file, text = ""] of texts)
      if (text !== before.get(file)) writeFileSync(join(projectFolder, file), text);
  const next = "Next: npm test, then docs/ci.md. Commit the change.";
  console.log(
    lines.length === 0
      ? "Nothing to change"
      : `${isDry ? "Would change" : "Changed"}\n${lines.join("\n")}${isDry ? "" : `\n${next}`}`,
  );
}

run(main);
