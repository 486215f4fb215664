import { block, width, wrap } from "../../render/text";
import type { Comparison } from "../comparison";
import { sections, titleOf } from "../sections";

/** For a terminal of 80 columns. */
export function text(facts: Comparison): string {
  const warnings = facts.warnings.map((warning) => wrap(`! ${warning}`, width).join("\n"));
  const [costs, ...others] = sections(facts);
  const advice = facts.advice.flatMap((line) =>
    wrap(line, width - 2).map((part, index) => (index === 0 ? "- " : "  ") + part),
  );
  const blocks = [
    titleOf(facts),
    ...warnings,
    ...(costs ? [block(costs)] : []),
    ["Advice", ...advice].join("\n"),
    ...others.map(block),
  ];
  return `${blocks.join("\n\n")}\n`;
}
