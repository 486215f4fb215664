import { createHash } from "node:crypto";

/** How a kind of name is written; what does not fit in becomes a hyphen. */
export type NameForm = keyof typeof forms;

const forms = {
  /**
   * One label of a host name: load balancers, repositories, buckets and Kubernetes objects take nothing else. None starts with internal-:
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
   */
  label: (text: string) =>
    (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join("-").replace(/^(internal(-|$)|[^a-z])+/, ""),
  /** As clusters, dashboards and task families are named: upper case and _ as well. */
  identifier: (text: string) => text.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[^A-Za-z0-9]+/, ""),
} as const;

const hashLength = 6;

/**
 * The text as a name of at most so many characters. A text that is one already stays as it is. Another one is cut and ends in a hash of
 * the whole text: the same on every update, and another one for a similar text.
 */
export function shortName(text: string, longest: number, form: NameForm = "label"): string {
  const written = forms[form](text);
  if (written === text && written !== "" && written.length <= longest) return written;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, hashLength);
  const kept = written.slice(0, longest - hashLength - 1).replace(/[-_]+$/, "");
  return `${kept || "x"}-${hash}`;
}

/** AWS allows 32 characters for the name of a load balancer or target group, of which Pulumi appends 8: a hyphen and 7 random digits. */
export const longestLogicalName = 24;

const suffixOfTarget = "-ecs";

/** What all resources of a project are called after. It depends on the project's name alone: another variant renames nothing. */
export const rootName = (project: string) => shortName(project, longestLogicalName - suffixOfTarget.length);
