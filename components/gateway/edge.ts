import type { Settings } from "../settings";
import { type Domain, findDomain } from "./domain";

type Said = Pick<Settings, "ingressCidrs" | "domain" | "protect">;

/** What a stack says of its edge, as the account has it. */
export interface Edge extends Omit<Said, "domain"> {
  /** HTTPS under this name; plain HTTP without one. */
  readonly domain?: Domain;
}

/** Asks the account, before the first resource. */
export async function findEdge({ ingressCidrs, domain, protect }: Said): Promise<Edge> {
  return { ingressCidrs, protect, domain: domain && (await findDomain(domain)) };
}
