import { createHash } from "node:crypto";

/** The characters of a kind of name. Every other character becomes a hyphen. */
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
 * The text as a name of limited length. A valid name is not changed. Any other text is cut and ends in a hash of the whole text, so
 * that the name is the same on every update and differs for similar texts.
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

/** The prefix of all resource names. It depends only on the project's name, so a new variant renames no resource. */
export const rootName = (project: string) => shortName(project, longestLogicalName - suffixOfTarget.length);
