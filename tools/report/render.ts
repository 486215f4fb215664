import { perMillionOf } from "../compare/comparison";
import { parts } from "../compare/render/html";
import { blocks } from "../compare/render/markdown";
import { usd } from "../compare/sections";
import { sections as loadSections } from "../load/sections";
import { section as asHtml, escaped, page } from "../render/html";
import { section as asMarkdown } from "../render/markdown";
import type { Section } from "../render/section";
import { changes } from "./changes";
import { latencyCurves } from "./chart";
import { caveats, type Report, titleOf } from "./report";

/** The load comes first: the cost per inference depends on it. */
function own(report: Report, baseline: Report | undefined): Section[] {
  const costs = costOfLoad(report);
  return [
    ...(baseline ? [changes(baseline, report)] : []),
    ...loadSections(report.load),
    ...(costs.rows.length > 0 ? [costs] : []),
  ];
}

function costOfLoad({ comparison }: Report): Section {
  return {
    title: "Cost of the measured load over a month",
    head: ["", "replicas", "requests/s", "per replica", "USD a month", "USD per million"],
    rows: comparison.loads.map(({ name, replicas, requestsPerSecond, usd: cost }) => [
      name,
      `${replicas}`,
      requestsPerSecond.toFixed(1),
      (requestsPerSecond / replicas).toFixed(1),
      usd(cost),
      usd(perMillionOf(requestsPerSecond, comparison.hours, cost)),
    ]),
    figures: 5,
    notes: ["The whole bill of the platform, load balancer and network included, with the replicas seen under load."],
  };
}

export const html = (report: Report, baseline?: Report) =>
  page(titleOf(report), [
    ...caveats(report).map((caveat) => `<p class="warning">${escaped(caveat)}</p>`),
    ...own(report, baseline).map(asHtml),
    latencyCurves(report.load),
    ...parts(report.comparison),
  ]);

export const markdown = (report: Report, baseline?: Report) =>
  [
    `# ${titleOf(report)}`,
    ...caveats(report).map((caveat) => `**${caveat}**`),
    ...own(report, baseline).flatMap(asMarkdown),
    ...blocks(report.comparison),
  ].join("\n\n");
