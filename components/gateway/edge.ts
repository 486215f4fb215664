import type { Settings } from "../settings";
import { type Domain, findDomain } from "./domain";

type Said = Pick<Settings, "ingressCidrs" | "domain" | "auth" | "waf" | "internal" | "accessLogDays" | "protect">;

/** What a stack says of its edge, as the account has it. */
export interface Edge extends Omit<Said, "domain"> {
  /** HTTPS under this name; plain HTTP without one. */
  readonly domain?: Domain;
}

/** Asks the account, before the first resource. */
export async function findEdge({ domain, ...said }: Said): Promise<Edge> {
  const { ingressCidrs, auth, waf, internal, accessLogDays, protect } = said;
  const found = domain && (await findDomain(domain));
  return { ingressCidrs, auth, waf, internal, accessLogDays, protect, domain: found };
}
