import type { MonthlyUsd } from "../../components/pricing/stack-cost";

/** What a pull request would change of a stack. */
export interface Review {
  readonly stack: string;
  readonly succeeded: boolean;
  /** The output of `pulumi preview`. */
  readonly output: string;
  /** The list price of what the stack runs; undefined for one that was never deployed. */
  readonly before?: MonthlyUsd;
  /** The list price with the change, or why there is none. */
  readonly after: MonthlyUsd | { readonly unknown: string };
  /** What to do about calls that AWS refused. */
  readonly advice: readonly string[];
  /** Whether the preview ran with the policy pack of the project. */
  readonly hasPolicies: boolean;
}

/** In the first line, so that the next review of the stack replaces this one. */
export const markerOf = (stack: string) => `<!-- npm run review: ${stack} -->`;

/** GitHub refuses longer comments (65,536 characters). */
const longestOutput = 60_000;

export function commentOf(review: Review): string {
  const { stack, output, advice } = review;
  const shown = output.trim();
  const cut =
    shown.length > longestOutput ? `${shown.slice(0, longestOutput)}\n… cut; the job's log has all of it` : shown;
  return [
    markerOf(stack),
    `### Stack ${stack}: ${titleOf(review)}`,
    priceTable(review),
    ...(advice.length > 0 ? [block(advice.join("\n"))] : []),
    ...(review.hasPolicies ? [policiesIn(review)] : []),
    `<details><summary>pulumi preview --stack ${stack}</summary>\n\n${block(cut)}\n\n</details>`,
  ].join("\n\n");
}

/** Longer than any fence inside the text. */
function block(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([fence]) => fence.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function titleOf({ succeeded, output }: Review): string {
  if (!succeeded) return "the preview failed";
  const counts = [...sectionOf(output, "Resources").matchAll(/^ +(?:[^\d\s]+ ?)?(\d+ to [a-z-]+|\d+ changes)/gm)];
  const changes = counts.map(([, count]) => count).filter((count) => !/changes$/.test(count ?? ""));
  return changes.length > 0 ? changes.join(", ") : "no change";
}

function priceTable({ before, after }: Review): string {
  if ("unknown" in after) return `No estimate of the price: ${after.unknown}`;
  const rows = [
    ["at the fewest replicas", before?.atMinimum.sum, after.atMinimum.sum],
    ["at the most replicas", before?.atMaximum.sum, after.atMaximum.sum],
  ] as const;
  return [
    "| list price, USD/month | runs now | with this change | difference |",
    "|---|--:|--:|--:|",
    ...rows.map(
      ([title, then, now]) =>
        `| ${title} | ${then?.toFixed(2) ?? "not deployed"} | ${now.toFixed(2)} | ${difference(then ?? 0, now)} |`,
    ),
  ].join("\n");
}

function difference(then: number, now: number): string {
  const usd = now - then;
  return Math.abs(usd) < 0.005 ? "0" : `${usd > 0 ? "+" : "−"}${Math.abs(usd).toFixed(2)}`;
}

function policiesIn({ output, succeeded }: Review): string {
  const section = sectionOf(output, "Policies").trimEnd();
  if (section === "") return "Policies: the preview ended before they were checked.";
  // The CLI prints a tick for a pack that has judged nothing yet.
  const part = succeeded || section.includes("❌") ? "" : ", for the part of the stack that the failed preview reached";
  const later = section.includes("can't run policy") ? `\n\n${runsLater}` : "";
  return `Policies${part}:\n\n${block(section)}${later}`;
}

const runsLater =
  "`can't run policy`: the rule needs a value that AWS or the build gives. It runs in the update (`ci/steps/update`).";

/** The indented lines below a title of the CLI. */
function sectionOf(output: string, title: string): string {
  const [, section = ""] = new RegExp(`^${title}:.*\\n((?:[ \\t]+.*\\n?|\\n(?=[ \\t]))*)`, "m").exec(output) ?? [];
  return section;
}
