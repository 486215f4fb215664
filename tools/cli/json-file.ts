import { readFileSync } from "node:fs";
import { reasonOf } from "../../components/core/reason";
import { UserError } from "./user-error";

/** Reads the file of an option and checks its content. */
export function readJson<T>(option: string, file: string, faultOf: (value: unknown) => string | undefined): T {
  const value = parsed(option, file);
  const fault = faultOf(value);
  if (fault === undefined) return value as T;
  throw new UserError(`--${option} is ${file}, which has another format than expected: ${fault}`);
}

function parsed(option: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`--${option} is ${file}: ${reasonOf(error)}`);
  }
}
