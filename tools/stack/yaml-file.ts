import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { UserError } from "../cli/user-error";

export type YamlObject = Readonly<Record<string, unknown>>;

/** Reads a YAML file with a mapping. Errors name file and line. */
export function readYaml(path: string): YamlObject {
  const content = parsed(path) ?? {};
  if (isObject(content)) return content;
  throw new UserError(`${basename(path)} is ${JSON.stringify(content)}; expected keys with values`);
}

/** The keys under `config` of a stack file. Warns of an `environment`: only Pulumi Cloud opens Pulumi ESC environments. */
export function configIn(path: string): YamlObject {
  const { environment, ...file } = readYaml(path);
  const config = file.config ?? {};
  if (environment !== undefined)
    warnOnce(`${basename(path)}: keys that its environment (Pulumi ESC) sets are not read here`);
  if (isObject(config)) return config;
  throw new UserError(`${basename(path)}: config is ${JSON.stringify(config)}; expected keys such as cpu: 512`);
}

const warned = new Set<string>();

function warnOnce(text: string): void {
  if (!warned.has(text)) console.warn(text);
  warned.add(text);
}

const isObject = (value: unknown): value is YamlObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(path: string): unknown {
  const text = readFileSync(path, "utf8");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const line = error.linePos?.[0].line ?? 1;
    // The rest of the message repeats the place and shows the lines around it.
    const [sentence = ""] = error.message.split(/ at line \d+|\n/, 1);
    throw new UserError(`${basename(path)} line ${line}: ${sentence}`);
  }
}
