import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { flag, help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { projectCases } from "./cases";
import { denialsIn, explain } from "./explain";
import { needsOf } from "./needs";
import { type Permissions, permissionsFor } from "./statements";

const usage = `npm run permissions [-- --write | --check | --explain FILE]

The AWS permissions of the two roles that CI uses, derived from the resources
and calls of every stack file, on its own target and on both platforms. No AWS
account, no Pulumi CLI. pulumi -C ci up creates the roles (docs/ci.md).
--write    writes ci/permissions.json
--check    ends with 1 when ci/permissions.json is out of date
--explain  reads the output of pulumi up or preview, and names for every call
           that AWS refused the statement to add`;

const file = "ci/permissions.json";
const path = join(projectFolder, file);

async function main(): Promise<void> {
  const {
    write,
    check,
    explain: output,
    help: asks,
  } = optionsOf(process.argv.slice(2), { write: flag, check: flag, explain: text, help }, usage);
  if (asks) return console.log(usage);
  if ([write, check, output].filter((one) => one !== undefined).length > 1)
    throw new UserError(`Expected one of --write, --check and --explain\n\n${usage}`);
  if (output !== undefined) return tellDenials(output);
  const { cases, notes } = projectCases();
  for (const note of notes) console.log(note);
  const permissions = permissionsFor(await needsOf(cases, (title) => console.error(title)));
  const isCurrent = existsSync(path) && isDeepStrictEqual(JSON.parse(readFileSync(path, "utf8")), permissions);
  if (write) writeFileSync(path, `${JSON.stringify(permissions, null, 2)}\n`);
  else if (check && !isCurrent) throw new UserError(`${file} is out of date. Run: npm run permissions -- --write`);
  console.log(describe(permissions));
  console.log(
    write && !isCurrent
      ? `Wrote ${file}. Update the roles: pulumi -C ci up`
      : isCurrent
        ? `${file} is up to date`
        : `${file} is out of date. Write it: npm run permissions -- --write`,
  );
}

function describe(permissions: Permissions): string {
  return Object.entries(permissions)
    .map(([role, statements]: [string, Permissions["deploy"]]) => {
      const actions = statements.flatMap(({ Action }) => Action);
      return `${role}: ${new Set(actions).size} actions of ${new Set(actions.map((action) => action.split(":")[0])).size} services`;
    })
    .join("\n");
}

function tellDenials(output: string): void {
  if (!existsSync(output)) throw new UserError(`--explain is ${output}: there is no such file`);
  const denials = denialsIn(readFileSync(output, "utf8"));
  const held: Permissions = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { preview: [], deploy: [] };
  console.log(denials.map((denial) => explain(denial, held)).join("\n") || `${output}: AWS refused no call`);
}

run(main);
