/**
 * Ends of support of Kubernetes on EKS, for what `npm run compare` prints: 14 months and 12 more
 * (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html). The program itself asks EKS.
 */
export const eksVersions: Readonly<Record<string, { readonly standardUntil: string; readonly extendedUntil: string }>> =
  {
    "1.32": { standardUntil: "2026-03-23", extendedUntil: "2027-03-23" },
    "1.33": { standardUntil: "2026-07-29", extendedUntil: "2027-07-29" },
    "1.34": { standardUntil: "2026-12-02", extendedUntil: "2027-12-02" },
    "1.35": { standardUntil: "2027-03-27", extendedUntil: "2028-03-27" },
    "1.36": { standardUntil: "2027-08-02", extendedUntil: "2028-08-02" },
  };

export type SupportType = "STANDARD" | "EXTENDED";

/** Addresses of services inside a new cluster. EKS would choose one of two ranges; a fixed one can be checked against the VPC. */
export const serviceCidr = "172.20.0.0/16";
