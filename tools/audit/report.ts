import { type Acceptances, isAccepted } from "../../components/core/image-scan";

/** What `npm audit --json` prints (auditReportVersion 2), as far as it is read here. */
interface AuditReport {
  readonly vulnerabilities: Readonly<Record<string, Vulnerability>>;
}

interface Vulnerability {
  readonly name: string;
  /** An advisory, or the name of the package inside that has one. */
  readonly via: readonly (string | Advisory)[];
  readonly fixAvailable: boolean | { readonly name: string; readonly version: string };
}

interface Advisory {
  readonly title: string;
  readonly url: string;
  readonly severity: string;
  readonly range: string;
}

export const isReport = (answer: unknown): answer is AuditReport => Object(answer).auditReportVersion === 2;

const refused = ["high", "critical"];

/** A line for each advisory that fails the audit. */
export function auditProblems({ vulnerabilities }: AuditReport, accepted: Acceptances, today: Date): string[] {
  return Object.values(vulnerabilities).flatMap(({ name, via, fixAvailable }) =>
    via
      .filter((found) => typeof found !== "string")
      .filter(({ severity }) => refused.includes(severity))
      .filter(({ url }) => !isAccepted(accepted[idOf(url)], today))
      .map(
        ({ title, url, severity, range }) => `${name} ${range} (${severity}): ${title}, ${url}. ${fixOf(fixAvailable)}`,
      ),
  );
}

/** https://github.com/advisories/GHSA-… -> GHSA-… */
const idOf = (url: string) => url.split("/").pop() ?? url;

function fixOf(fix: Vulnerability["fixAvailable"]): string {
  if (fix === false) return "No version fixes it";
  return fix === true ? "npm audit fix" : `Fixed with ${fix.name} ${fix.version}`;
}

/** What `npm audit signatures --json` prints. `missing` counts only for a registry that publishes keys. */
interface Signatures {
  readonly invalid: readonly (Package & { readonly code?: string })[];
  readonly missing: readonly Package[];
}

interface Package {
  readonly name: string;
  readonly version: string;
}

export const isSignatures = (answer: unknown): answer is Signatures => Array.isArray(Object(answer).invalid);

export const signatureProblems = ({ invalid, missing }: Signatures): string[] => [
  ...invalid.map(({ name, version, code }) => {
    const what = code === "EATTESTATIONVERIFY" ? "provenance" : "registry's signature";
    return `${name} ${version}: the ${what} does not fit the package`;
  }),
  ...missing.map(({ name, version }) => `${name} ${version}: no signature, and its registry signs packages`),
];

/** npm's words when no registry of the packages publishes keys. */
const withoutKeys = /installed from a supported registry/;

/** Why an answer of npm is none. */
export function reasonIn(answer: unknown): string {
  const { message, error } = Object(answer) as { message?: string; error?: { summary?: string; code?: string } };
  const reason = message ?? (error?.summary || error?.code) ?? "npm printed no JSON";
  return withoutKeys.test(reason) ? "the registry publishes no keys" : reason;
}
