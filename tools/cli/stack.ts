import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "./user-error";

const projectFolder = resolve(__dirname, "../..");

export function refuseUnknownStack(stack: string): void {
  if (!existsSync(join(projectFolder, `Pulumi.${stack}.yaml`)))
    throw new UserError(`--stack is ${stack}: there is no Pulumi.${stack}.yaml`);
}
