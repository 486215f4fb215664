import { block, width, wrap } from "../../render/text";
import type { Comparison } from "../comparison";
import { sections } from "../sections";

/** For a terminal of 80 columns. */
export function text(facts: Comparison): string {
  const title = `Stack ${facts.stack} in ${facts.region}: ECS Fargate or EKS`;
  const warnings = facts.warnings.map((warning) => wrap(`! ${warning}`, width).join("\n"));
  const [costs, ...others] = sections(facts);
  const advice = facts.advice.flatMap((line) =>
    wrap(line, width - 2).map((part, index) => (index === 0 ? "- " : "  ") + part),
  );
  const blocks = [
    title,
    ...warnings,
    ...(costs ? [block(costs)] : []),
    ["Advice", ...advice].join("\n"),
    ...others.map(block),
  ];
  return `${blocks.join("\n\n")}\n`;
}
