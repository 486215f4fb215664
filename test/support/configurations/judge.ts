import assert from "node:assert/strict";
import { describeProblems, type Problem } from "../../../components/core/problems";
import { serviceSpec } from "../../../components/core/service-spec";
import { parseSettings, type Settings } from "../../../components/settings";
import type { Rule } from "../../../components/settings/rule";
import { fromJson, isRecord } from "../../../components/settings/schema";
import { asEngineText, type Configuration, project, secretText } from "./configuration";
import { schemaOf } from "./grammar";

const program = { project, stack: "test" };

/** What the reader makes of a configuration: settings, or problems that a person can act on. Anything else is an assertion error. */
export function judge(configuration: Configuration, further: readonly Rule[] = []): Settings | undefined {
  const parsed = parseSettings(asEngineText(configuration), program, further);
  const asYaml = parseSettings(configuration, program, further);
  if ("settings" in asYaml)
    assert.equal(JSON.stringify(parsed), JSON.stringify(asYaml), "the engine's text means what the stack file says");
  if ("settings" in parsed) {
    assert.ok(isFrozen(parsed.settings), "settings are frozen");
    JSON.stringify(serviceSpec(parsed.settings));
    return parsed.settings;
  }
  judgeProblems(parsed.problems, configuration);
  return undefined;
}

function isFrozen(item: unknown): boolean {
  return typeof item !== "object" || item === null || (Object.isFrozen(item) && Object.values(item).every(isFrozen));
}

function judgeProblems(problems: readonly Problem[], configuration: Configuration): void {
  assert.ok(problems.length > 0, "a refusal has a problem");
  const text = describeProblems("Configuration of stack test", problems);
  const [first = "", ...lines] = text.split("\n");
  assert.match(first, /^Configuration of stack test: \d+ problems?$/);
  assert.equal(lines.length, problems.length, `a line for each problem:\n${text}`);
  assert.deepEqual(
    lines.filter((line, index) => lines.indexOf(line) < index),
    [],
    `no line twice:\n${text}`,
  );
  assert.doesNotMatch(text, new RegExp(secretText), "the value of an unknown key is not shown");
  for (const problem of problems) {
    if (problem.isUnknownKey) judgeUnknown(problem, configuration);
    else judgeKnown(problem, configuration, text);
  }
  assert.deepEqual(valuesOfOneKey(problems), [], `a key has one value:\n${text}`);
  assert.deepEqual(contradictions(problems), [], `no contradiction:\n${text}`);
}

/** Each of the keys is in the configuration. */
function judgeUnknown({ key, expected }: Problem, configuration: Configuration): void {
  const given = Object.keys(configuration).map((each) => each.replace(`${project}:`, ""));
  const isInside = [...schemaOf.keys()].some((name) => key.startsWith(`${name}.`) || key.startsWith(`${name}[`));
  assert.ok(isInside || given.some((name) => key.includes(name)), `${key} is in the configuration`);
  assert.ok(expected.length > 0);
}

const topOf = (key: string) => key.split(/[.[]/, 1)[0] ?? "";

function judgeKnown({ key, value, expected }: Problem, configuration: Configuration, text: string): void {
  assert.ok(expected.length > 0, `${key} says what is expected`);
  assert.doesNotMatch(expected, /undefined|\[object |NaN/, `${key}: ${expected}`);
  if (key === "aws:region") return;
  assert.ok(schemaOf.has(topOf(key)), `${key} begins with the name of a key:\n${text}`);
  // A missing value is one that nobody has written. {} is none (emptyAsUndefined).
  if (value === undefined)
    assert.ok([undefined, "{}"].includes(JSON.stringify(at(configuration, key))), `${key} is not missing:\n${text}`);
}

/** The value that a configuration gives a key such as `a.b[0].c`. Names with a dot in them are not found. */
function at(configuration: Configuration, key: string): unknown {
  const [top = "", ...path] = key.split(/[.[\]]+/).filter((part) => part !== "");
  return path.reduce<unknown>(
    (value, name) => {
      if (Array.isArray(value)) return value[Number(name)];
      return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    },
    fromJson(configuration[`${project}:${top}`]),
  );
}

/** Two lines that show one key with two values. */
function valuesOfOneKey(problems: readonly Problem[]): string[] {
  const shown = problems.map(({ key, value }) => ({ key, value: JSON.stringify(value) }));
  const isOther = ({ key, value }: (typeof shown)[number]) =>
    shown.some((one) => one.key === key && one.value !== value);
  return [...new Set(shown.filter(isOther).map(({ key }) => key))];
}

/** Two problems of which one cannot be solved without the other's cause: a value of the wrong shape has no parts to judge. */
function contradictions(problems: readonly Problem[]): string[] {
  const known = problems.filter(({ isUnknownKey }) => !isUnknownKey);
  const isShape = ({ expected }: Problem) => /^an? (object|list)\b/.test(expected);
  return known.filter(isShape).flatMap(({ key, expected }) => {
    const inside = known.filter(({ key: other }) => other.startsWith(`${key}.`) || other.startsWith(`${key}[`));
    return inside.map((other) => `${key}: ${expected}; and ${other.key}: ${other.expected}`);
  });
}
