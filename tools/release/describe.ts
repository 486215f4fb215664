import type { Chosen } from "./choose";
import { type Shares, show } from "./shares";

interface Shown {
  readonly stack: string;
  readonly bakeSeconds: number;
  /** The shares now. */
  readonly live: Shares;
  /** The image that runs now. */
  readonly before: string;
}

/** CloudWatch has the metrics of a minute late, and the alarms that roll back wait for three minutes. */
const shortestUsefulBake = 240;

/** The plan, before anything is done. */
export function describePlan(
  { plan, resumes, takesBack }: Chosen,
  { stack, bakeSeconds, live, before }: Shown,
): string {
  if (takesBack)
    return `Stack ${stack}: back from the unfinished release of ${plan.title}, to ${show(plan.from)}, in one pulumi up`;
  const watched = bakeSeconds > 0 ? `, then watched for ${bakeSeconds} s` : "";
  const lines = plan.updates.map(({ kind, title, shares }, index) => {
    const after = kind === "shift" ? watched : "";
    return `  ${index + 1}  ${title}: ${show(shares)}${after}`;
  });
  const isShort = plan.gainers.length > 0 && bakeSeconds < shortestUsefulBake;
  return [
    `Stack ${stack}: ${resumes ? "go on with" : "release"} ${plan.title}`,
    `  now ${show(live)}${resumes ? `; before the release ${show(plan.from)}` : ""}, ${before}`,
    ...lines,
    `Each line edits Pulumi.${stack}.yaml, and is one preview and one pulumi up. On a failure one more update goes back.`,
    ...(isShort ? [`In ${bakeSeconds} s no alarm can fire: they wait for three minutes of metrics.`] : []),
  ].join("\n");
}
