import * as pulumi from "@pulumi/pulumi";
import { type Problem, refusal } from "../problems";
import { keys, type Target, type Values } from "./keys";
import { reportUnknown } from "./kinds";
import { crossFieldProblems } from "./rules";

export type { ExistingNetwork, NewNetwork, Target } from "./keys";

/** One service behind the load balancer: the simple stack is one model. */
export interface Model {
  readonly name: string;
  readonly variants: readonly Variant[];
}

/** One way of running a model: `both` is two of them. The weights of a model's variants are its share of the traffic. */
export interface Variant {
  readonly name: string;
  readonly target: "ecs" | "eks" | "local";
  readonly weight: number;
  /** Its own image in place of the stack's. */
  readonly image?: string;
}

export interface Settings extends Values {
  readonly project: string;
  readonly stack: string;
  /** Empty for the local target, which needs none. */
  readonly region: string;
  readonly model: Model;
}

export interface Program {
  readonly project: string;
  readonly stack: string;
}

export type Parsed = { readonly settings: Settings } | { readonly problems: readonly Problem[] };

/** Configuration as the engine hands it over (`project:key` and `aws:region`) to settings, or to all that is wrong with it. */
export function parseSettings(config: Readonly<Record<string, unknown>>, { project, stack }: Program): Parsed {
  const problems: Problem[] = [];
  const given = ownKeys(config, project);
  reportUnknown(given, Object.keys(keys), "", problems);
  const values = readValues(given, problems);
  if (problems.length > 0) return { problems };

  const region = config["aws:region"] ?? "";
  problems.push(
    ...crossFieldProblems(values),
    ...regionProblems(values.target, region),
  );
  problems.push(...nameProblems(project, resolveModel(values)));
  if (problems.length > 0) return { problems };
  return {
    settings: deepFreeze({ ...values, project, stack, region: String(region), model: resolveModel(values) }),
  };
}

/** The only reader of configuration. */
export function loadSettings(): Settings {
  const program = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const parsed = parseSettings(pulumi.runtime.allConfig(), program);
  const problems = encryptedKeys(program.project);
  if ("settings" in parsed && problems.length === 0) return parsed.settings;
  throw refusal(`Configuration of stack ${program.stack}`, [
    ...problems,
    ...("problems" in parsed ? parsed.problems : []),
  ]);
}

/** An encrypted value would leave its encryption behind in a task definition: it is refused instead of leaked. */
function encryptedKeys(project: string): Problem[] {
  const encrypted: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  const expected = "plain text: keep secrets in AWS Secrets Manager and name their arn under secrets";
  return encrypted
    .filter((key) => key.startsWith(`${project}:`))
    .map((key) => ({ key: key.slice(project.length + 1), value: "[encrypted]", expected }));
}

function ownKeys(config: Readonly<Record<string, unknown>>, project: string): Record<string, unknown> {
  const prefix = `${project}:`;
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

function readValues(given: Readonly<Record<string, unknown>>, problems: Problem[]): Values {
  const entries = Object.entries(keys).map(([name, { kind, fallback }]) => [
    name,
    kind.read(Object.hasOwn(given, name) ? given[name] : fallback, name, problems),
  ]);
  return Object.fromEntries(entries) as Values;
}

function regionProblems(target: Target, region: unknown): Problem[] {
  if (target === "local") return [];
  if (typeof region === "string" && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return [];
  const expected = "an AWS region: pulumi config set aws:region eu-west-1";
  return [{ key: "aws:region", value: region === "" ? undefined : region, expected }];
}

/** AWS allows 32 characters for the name of a target group or load balancer, of which Pulumi appends 8 of its own. */
const longestLogicalName = 24;

function nameProblems(project: string, { variants }: Model): Problem[] {
  if (variants.every(({ target }) => target === "local")) return [];
  const longest = Math.max(...variants.map(({ name }) => name.length));
  const room = longestLogicalName - 1 - longest;
  if (project.length <= room && /^[a-z][a-z0-9-]*$/i.test(project)) return [];
  const expected = `a project name in Pulumi.yaml of at most ${room} letters, digits and -: AWS allows 32 characters for what is named after it`;
  return [{ key: "name", value: project, expected }];
}

function resolveModel({ target, weights, variants }: Values): Model {
  return { name: "main", variants: resolveVariants(target, weights, variants) };
}

function resolveVariants(target: Target, weights: Values["weights"], variants: Values["variants"]): Variant[] {
  if (target === "variants") return Object.entries(variants).map(([name, variant]) => ({ name, ...variant }));
  if (target === "both") return (["ecs", "eks"] as const).map((name) => ({ name, target: name, weight: weights[name] }));
  return [{ name: target, target, weight: 100 }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
