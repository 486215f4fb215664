import { escaped, page, section } from "../../render/html";
import type { Comparison } from "../comparison";
import { sections } from "../sections";
import { costBars, replicaCurves } from "./charts";
import { formulas } from "./markdown";

export function html(facts: Comparison): string {
  const title = `Stack ${facts.stack} in ${facts.region}: ECS Fargate or EKS`;
  const [costs, ...others] = sections(facts);
  const parts = [
    ...facts.warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`),
    ...(costs ? [section(costs)] : []),
    costBars(facts),
    `<section><h2>Advice</h2><ul>${facts.advice.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul></section>`,
    replicaCurves(facts),
    ...others.map(section),
    section(formulas(facts)),
  ];
  return page(title, parts);
}
