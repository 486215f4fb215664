import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { clientServices, furtherActions } from "./actions";

/** The program, and the commands that a deployment in CI runs. */
const callers = ["components", "tools/promote", "tools/release", "tools/stack"];

/** const { DescribeServicesCommand, ECSClient } = await import("@aws-sdk/client-ecs") */
const imports =
  /import\s+(?!type\b)\{([^{}]*)\}\s+from\s+"@aws-sdk\/client-([\w-]+)"|\{([^{}]*)\}\s*=\s*await import\("@aws-sdk\/client-([\w-]+)"\)/g;

/** The AWS actions that the program's own code calls through AWS's SDK, read from its sources. */
export function sdkActions(folder = projectFolder): string[] {
  const files = callers.flatMap((caller) =>
    readdirSync(join(folder, caller), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, caller, file)),
  );
  return [...new Set(files.flatMap((file) => actionsIn(readFileSync(file, "utf8"))))].sort();
}

export function actionsIn(source: string): string[] {
  return [...source.matchAll(imports)].flatMap(([, named, client, awaited, awaitedClient]) => {
    const operations = (named ?? awaited ?? "").split(",").flatMap((name) => operationOf(name.trim()));
    const actions = operations.map((operation) => `${serviceOf(client ?? awaitedClient ?? "")}:${operation}`);
    return actions.flatMap((action) => [action, ...(furtherActions[action] ?? [])]);
  });
}

/** DescribeServicesCommand and paginateDescribeServices -> DescribeServices; a client -> nothing. */
function operationOf(name: string): string[] {
  const [, operation, paginated] = /^(\w+)Command$|^paginate(\w+)$/.exec(name) ?? [];
  return [operation ?? paginated ?? []].flat();
}

function serviceOf(client: string): string {
  const service = clientServices[client];
  if (service !== undefined) return service;
  throw new UserError(
    `@aws-sdk/client-${client} has no service of IAM: add it to clientServices in tools/permissions/actions/functions.ts`,
  );
}
