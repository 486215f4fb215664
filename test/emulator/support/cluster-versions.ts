import type { Action } from "./proxy";

const seconds = (day: string) => Date.parse(day) / 1000;

/** Kubernetes versions that EKS offers; the emulator does not implement this call. */
export const clusterVersions = (): Readonly<Record<string, Action>> => ({
  "GET /cluster-versions": () => ({
    clusterVersions: ["1.35", "1.36"].map((clusterVersion, index) => ({
      clusterVersion,
      clusterType: "eks",
      defaultPlatformVersion: "eks.1",
      defaultVersion: index === 0,
      kubernetesPatchVersion: `${clusterVersion}.0`,
      releaseDate: seconds("2026-01-28"),
      endOfStandardSupportDate: seconds("2027-03-27"),
      endOfExtendedSupportDate: seconds("2028-03-27"),
      status: "standard-support",
      versionStatus: "STANDARD_SUPPORT",
    })),
  }),
});
