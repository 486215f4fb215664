import { type ParseArgsConfig, parseArgs } from "node:util";
import { reasonOf } from "../../components/core/reason";
import { UserError } from "./user-error";

export const text = { type: "string" } as const;
export const flag = { type: "boolean" } as const;
export const help = { type: "boolean", short: "h" } as const;

/** Parses the options of a command line. The error for an unknown option includes the usage. */
export function optionsOf<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: T,
  usage: string,
) {
  return positionalsOf(args, options, usage, false).values;
}

export function positionalsOf<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: T,
  usage: string,
  allowPositionals = true,
) {
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    throw new UserError(`${reasonOf(error)}\n\n${usage}`);
  }
}

export function positive(name: string, value: string, most: number): number {
  const number = Number(value);
  if (number > 0 && number <= most) return number;
  throw new UserError(`--${name} is ${value}; expected a number above 0 and at most ${most}`);
}
