import { awsTargets, defaultTarget } from "../../../components/targets";
import { section, table } from "../../render/markdown";
import type { Section } from "../../render/section";
import { type Comparison, monthly } from "../comparison";
import { rate, sections, titleOf, usd } from "../sections";

export const markdown = (facts: Comparison) => [`# ${titleOf(facts)}`, ...blocks(facts)].join("\n\n");

/** The text without its title, for npm run report. */
export function blocks(facts: Comparison): string[] {
  const [costs, ...others] = sections(facts);
  return [
    ...facts.warnings.map((warning) => `**${warning}**`),
    ...(costs ? section(costs) : []),
    "## Advice",
    facts.advice.map((line) => `- ${line}`).join("\n"),
    ...others.flatMap(section),
    ...section(formulas(facts)),
  ];
}

/** How each line of the expected load came about, and who says what one costs. */
export function formulas(facts: Comparison): Section {
  // The default target has the shared lines.
  const lines = awsTargets.flatMap(({ name }) =>
    facts.bills[name].expected.filter(
      ({ side }) => side === name || (side === "shared" && name === defaultTarget.name),
    ),
  );
  return {
    title: "How each line was worked out, at the expected load",
    head: ["line", "USD", "formula", "source"],
    rows: lines.map((line) => [`${line.side}: ${line.item}`, usd(line.usd), line.formula, line.source]),
    figures: 0,
    notes: [],
  };
}

/** Costs alone, for README.md and docs/costs.md. */
export function costSummary(stacks: readonly Comparison[]): string {
  const rows = stacks.flatMap((facts) =>
    facts.scenarios.map(({ name, replicas, requestsPerSecond }) => [
      `${facts.stack}, ${name}`,
      `${replicas} × (${facts.replica})`,
      rate(requestsPerSecond),
      ...awsTargets.map((target) => usd(monthly(facts, target.name, name))),
    ]),
  );
  const costs = table({
    head: ["stack, load", "replicas", "requests/s", ...awsTargets.map(({ title }) => `${title}, USD/month`)],
    rows,
    figures: 3,
  });
  return `${costs}\n\nRequests/s: ${whose(stacks)}.`;
}

/** Once, if the stacks have the same figures. */
function whose(stacks: readonly Comparison[]): string {
  const [first = "", ...others] = new Set(stacks.map(({ figures }) => figures));
  return others.length === 0 ? first : stacks.map(({ stack, figures }) => `${stack}, ${figures}`).join("; ");
}
