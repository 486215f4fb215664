import { releasePrefix } from "../../components/core/lifecycle-rules";

/** release-2026-11-29-0123456789ab */
export function releaseTag(digest: string, at: Date): string {
  const [, hex = ""] = digest.split(":");
  return `${releasePrefix}${at.toISOString().slice(0, 10)}-${hex.slice(0, 12)}`;
}
