/** Ends of support of Kubernetes on EKS, as AWS published them; newer versions are added here when their dates are. */
export const eksVersions: Readonly<Record<string, { readonly standardUntil: string; readonly extendedUntil: string }>> =
  {
    "1.32": { standardUntil: "2026-03-23", extendedUntil: "2027-03-23" },
    "1.33": { standardUntil: "2026-07-29", extendedUntil: "2027-07-29" },
    "1.34": { standardUntil: "2026-12-02", extendedUntil: "2027-12-02" },
    "1.35": { standardUntil: "2027-03-27", extendedUntil: "2028-03-27" },
  };

export type SupportType = "STANDARD" | "EXTENDED";

/** Versions that AWS supports on that day; extended support costs six times as much. */
export function supportedVersions(supportType: SupportType, day: string): string[] {
  const end = supportType === "STANDARD" ? "standardUntil" : "extendedUntil";
  return Object.keys(eksVersions).filter((version) => day <= (eksVersions[version]?.[end] ?? ""));
}

/** Addresses of services inside a cluster of ours. EKS would pick one of two ranges; a VPC must not overlap with it, so it is known. */
export const serviceCidr = "172.20.0.0/16";
