import * as pulumi from "@pulumi/pulumi";
import { encryptedKeys } from "../core/encrypted-keys";
import { type Problem, refusal } from "../core/problems";
import { rootName, shortName } from "../core/short-name";
import { type Place, runsOnAws } from "../targets";
import { buildFileRules } from "./build-files";
import { keys, rules, type Values } from "./keys";
import { type Model, resolveModel } from "./model";
import { namespaceWarnings } from "./namespaces";
import { noteworthy } from "./notes";
import type { Rule } from "./rule";
import { reportUnknown } from "./schema";
import type { TargetChoice } from "./variants";

export type { ExistingCluster } from "./eks";
export type { Values } from "./keys";
export type { Model, Variant } from "./model";
export type { ExistingNetwork, NewNetwork } from "./network";
export type { TargetChoice } from "./variants";

export interface Settings extends Values {
  readonly project: string;
  /** The start of the names of its resources. */
  readonly name: string;
  readonly stack: string;
  /** Empty for the local target, which needs none. */
  readonly region: string;
  /** On AWS, or in Docker on this machine. */
  readonly place: Place;
  readonly model: Model;
  /** The name of the EKS cluster, known before the cluster exists. */
  readonly clusterName: string;
  /** Keys that are set but do not apply: info lines, not errors. */
  readonly notes: readonly string[];
  /** Settings that can cause harm, such as open access. */
  readonly warnings: readonly string[];
}

export interface Program {
  readonly project: string;
  readonly stack: string;
}

export type Parsed = { readonly settings: Settings } | { readonly problems: readonly Problem[] };

/** EKS takes 100. One label of a host name is 63, and so is the value of a Kubernetes label. */
const longestClusterName = 63;

const schemas = Object.fromEntries(Object.entries(keys).map(([name, { schema }]) => [name, schema]));

/**
 * Parses configuration as the engine passes it (`project:key` and `aws:region`) into settings, or into all its problems. Reads nothing
 * else unless a further rule does.
 */
export function parseSettings(
  config: Readonly<Record<string, unknown>>,
  program: Program,
  further: readonly Rule[] = [],
): Parsed {
  const { project, stack } = program;
  const problems: Problem[] = [];
  const given = ownKeys(config, project);
  reportUnknown(given, schemas, "", problems);
  const { values, readable } = readValues(given, problems);
  // A rule that reads an invalid region would expect things in it.
  const region = isCommercial(config["aws:region"]) ? config["aws:region"] : "";
  problems.push(
    ...[...rules, ...further].flatMap((rule) => rule.problems(values, region, stack, readable)),
    ...regionProblems(values.target, config["aws:region"]),
  );
  if (problems.length > 0) return { problems };
  const all = values as Values;
  const clusterName = all.eks.cluster?.name ?? shortName(`${project}-${stack}`, longestClusterName, "identifier");
  const place: Place = runsOnAws(all.target) ? "aws" : "this machine";
  const resolved = {
    place,
    name: rootName(project),
    model: resolveModel(all),
    clusterName,
    ...noteworthy(all, region),
  };
  return { settings: deepFreeze({ ...all, project, stack, region, ...resolved }) };
}

/** The only reader of the project's own keys. */
export function loadSettings(): Settings {
  const program = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const config = pulumi.runtime.allConfig();
  for (const warning of namespaceWarnings(config, program.project)) pulumi.log.warn(warning);
  return settingsOf(config, program, encryptedKeys());
}

/** The settings of a configuration, some keys of which are encrypted, or an error that lists all its problems. */
export function settingsOf(
  config: Readonly<Record<string, unknown>>,
  program: Program,
  encryptedKeys: readonly string[],
): Settings {
  const encrypted = refusedKeys(encryptedKeys, program.project);
  const parsed = parseSettings(config, program, buildFileRules);
  if ("settings" in parsed && encrypted.length === 0) return parsed.settings;
  const found = "problems" in parsed ? parsed.problems : [];
  const refused = encrypted.map((key) => ({ key, value: "[encrypted]", expected: plainText }));
  // A further problem of a refused value would show the value.
  const others = found.filter(({ key }) => !encrypted.includes(topOf(key)));
  throw refusal(`Configuration of stack ${program.stack}`, [...refused, ...others]);
}

const topOf = (key: string) => key.split(/[.[]/, 1)[0] ?? key;

/** An encrypted value would be in plain text in a task definition, so it is refused. */
const plainText = "plain text: keep secrets in AWS Secrets Manager and name their arn under secrets";

const mayBeEncrypted = Object.entries(keys).flatMap(([name, { mayBeEncrypted }]) => (mayBeEncrypted ? [name] : []));

function refusedKeys(encryptedKeys: readonly string[], project: string): string[] {
  const own = encryptedKeys.filter((key) => key.startsWith(`${project}:`)).map((key) => key.slice(project.length + 1));
  return own.filter((key) => !mayBeEncrypted.includes(key));
}

function ownKeys(config: Readonly<Record<string, unknown>>, project: string): Record<string, unknown> {
  const prefix = `${project}:`;
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

interface ReadValues {
  /** The keys whose values are well formed. */
  readonly values: Partial<Values>;
  /** Also the objects of which only some fields are. */
  readonly readable: Partial<Values>;
}

/** What is not well formed becomes a problem. */
function readValues(given: Readonly<Record<string, unknown>>, problems: Problem[]): ReadValues {
  const all = Object.entries(keys).map(([name, { schema, fallback }]) => {
    const before = problems.length;
    const value = schema.read(Object.hasOwn(given, name) ? given[name] : fallback, name, problems);
    return { name, value, isValid: problems.length === before };
  });
  const valuesOf = (entries: typeof all) => Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  return { values: valuesOf(all.filter(({ isValid }) => isValid)), readable: valuesOf(all) };
}

/** Every key with its default: for programs that use the components without a stack file of this project. */
export const defaultValues = (): Values => deepFreeze(readValues({}, []).values as Values);

/** China, GovCloud and the isolated regions have other ARNs and endpoints. They are not tested. */
const isCommercial = (region: unknown): region is string =>
  typeof region === "string" && /^(?!cn-|us-gov-|us-iso|eu-isoe-|eusc-)[a-z]{2}(-[a-z]+)+-\d$/.test(region);

function regionProblems(target: TargetChoice | undefined, region: unknown): Problem[] {
  if ((target !== undefined && !runsOnAws(target)) || isCommercial(region)) return [];
  const expected = "a commercial AWS region: pulumi config set aws:region eu-west-1";
  return [{ key: "aws:region", value: region === "" ? undefined : region, expected }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
