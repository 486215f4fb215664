/** The severities that a stack can refuse, the worst first. ECR's others are INFORMATIONAL, UNDEFINED and Inspector's UNTRIAGED. */
export const severities = ["critical", "high", "medium", "low"] as const;

export const thresholds = ["off", ...severities] as const;

/** The key `imageScan`. */
export interface ImageScan {
  readonly threshold: (typeof thresholds)[number];
  /** By the id of the vulnerability. */
  readonly accept: Acceptances;
}

export type Acceptances = Readonly<Record<string, Acceptance>>;

export interface Acceptance {
  /** The last day, as YYYY-MM-DD. */
  readonly until: string;
  readonly why: string;
}

/** One vulnerability of one package. */
export interface Finding {
  /** CVE-2025-1234 */
  readonly id: string;
  /** In lower case, as ECR names it. */
  readonly severity: string;
  /** With its version. */
  readonly package: string;
  readonly fixedVersion?: string;
}

/** What ECR reports about the scan of one image. */
export type ScanResult =
  | { readonly state: "complete"; readonly findings: readonly Finding[] }
  | { readonly state: "running"; readonly progress: string }
  /** Nobody has started one, or not yet. */
  | { readonly state: "missing" }
  | { readonly state: "unavailable"; readonly reason: string };

/** The findings at or above the threshold that nobody accepts, the worst first. */
export function refusedFindings(findings: readonly Finding[], { threshold, accept }: ImageScan, today: Date) {
  const ranks: readonly string[] = severities;
  const rank = ({ severity }: Finding) => ranks.indexOf(severity);
  const lowest = ranks.indexOf(threshold);
  return findings
    .filter((finding) => rank(finding) >= 0 && rank(finding) <= lowest)
    .filter(({ id }) => !isAccepted(accept[id], today))
    .sort((one, other) => rank(one) - rank(other));
}

export const isAccepted = (acceptance: Acceptance | undefined, today: Date) =>
  acceptance !== undefined && today.toISOString().slice(0, 10) <= acceptance.until;

/** "2 critical, 13 high"; "no vulnerabilities" */
export function countFindings(findings: readonly Finding[]): string {
  const found = [...new Set([...severities, ...findings.map(({ severity }) => severity)])];
  const counts = found.map((severity) => [findings.filter((one) => one.severity === severity).length, severity]);
  return (
    counts
      .filter(([count]) => count !== 0)
      .map((count) => count.join(" "))
      .join(", ") || "no vulnerabilities"
  );
}

const shown = 5;

/** A line for each of the first findings, with the end of an acceptance that is over. */
export function listFindings(findings: readonly Finding[], { accept }: ImageScan): string[] {
  const lines = findings.slice(0, shown).map((finding) => {
    const { id, severity, package: where, fixedVersion } = finding;
    const fix = fixedVersion ? `fixed in ${fixedVersion}` : "no fixed version reported";
    return `${id} (${severity}): ${where}, ${fix}${accept[id] ? `; was accepted until ${accept[id].until}` : ""}`;
  });
  const others = findings.length - lines.length;
  return others > 0 ? [...lines, `and ${others} more`] : lines;
}
