import { escaped, page, section } from "../../render/html";
import type { Comparison } from "../comparison";
import { sections, titleOf } from "../sections";
import { costBars, replicaCurves } from "./charts";
import { formulas } from "./markdown";

export const html = (facts: Comparison) => page(titleOf(facts), parts(facts));

/** The content without the page frame, for npm run report. */
export function parts(facts: Comparison): string[] {
  const [costs, ...others] = sections(facts);
  return [
    ...facts.warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`),
    ...(costs ? [section(costs)] : []),
    costBars(facts),
    `<section><h2>Advice</h2><ul>${facts.advice.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul></section>`,
    replicaCurves(facts),
    ...others.map(section),
    section(formulas(facts)),
  ];
}
