import { width, wrap } from "../render/text";
import type { Finding, Suggestion, Verdict } from "./finding";
import { asYaml } from "./suggestions";

const verdictWidth = 13;
const nameWidth = 12;
/** The keys at the end have the whole value. */
const longestShown = width - verdictWidth - nameWidth;
const indent = " ".repeat(verdictWidth + nameWidth);

/** The lines of one check: verdict, name, text. A line break in the text stays one. */
export function linesOf(name: string, { verdict, text, set = [] }: Finding): string[] {
  const sets = set.map(({ key, value }) => {
    const text = shown(value);
    return text.length > longestShown ? `Set ${key}, as below` : `Set ${key}: ${text}`;
  });
  const lines = [...text.split("\n"), ...sets].flatMap((line) => wrap(line, width - indent.length));
  const head = verdict.padEnd(verdictWidth) + name.padEnd(nameWidth);
  return lines.map((line, index) => (index === 0 ? head : indent) + line);
}

const shown = (value: unknown) => (Array.isArray(value) ? `[${value.join(", ")}]` : String(value));

export function totalOf(findings: readonly Pick<Finding, "verdict">[]): string {
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
  return `${plural(count("problem"), "problem")}, ${plural(count("warning"), "warning")}, ${count("not checked")} not checked`;
}

/** What the findings come to, and the keys. */
export function conclusion(
  findings: readonly Finding[],
  suggestions: readonly Suggestion[],
  { stack, written }: { readonly stack?: string; readonly written: boolean },
): string {
  const total = totalOf(findings);
  if (suggestions.length === 0) return `${total}. No key to set.`;
  const file = `Pulumi.${stack ?? "<stack>"}.yaml`;
  const title = written ? `Wrote into ${file}:` : `Set in ${file}, under config:`;
  const lines = asYaml(suggestions).split("\n");
  return [`${total}.`, title, ...lines.map((line) => `  ${line}`), ...remaining(findings)].join("\n");
}

/** Beside keys, a person expects them to be all there is to do. */
function remaining(findings: readonly Finding[]): string[] {
  const count = findings.filter(({ verdict, set }) => verdict === "problem" && set === undefined).length;
  return count === 0
    ? []
    : [`No key fixes ${plural(count, "problem")} above: change the container, then check it again.`];
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
