import { imageProblems } from "../image-check";
import { refusal } from "../problems";
import type { Settings } from "../settings";
import { clusterProblems } from "./cluster";
import { type FoundDomain, findDomain } from "./domain";
import { keyListProblems } from "./key-list";
import { ipv6Problems, rangeProblems, zoneProblems } from "./network";

type Asked = Pick<
  Settings,
  "stack" | "region" | "network" | "eks" | "model" | "architecture" | "image" | "domain" | "dualstack" | "apiKeys"
>;

/**
 * What of a stack's settings only AWS and the registries of its images can judge: asked, and told at once, before the first resource,
 * in previews as well.
 */
export async function heldAgainstAccount(settings: Asked): Promise<{ readonly domain?: FoundDomain }> {
  const [{ domain, problems }, ...others] = await Promise.all([
    findDomain(settings.domain),
    zoneProblems(settings),
    clusterProblems(settings),
    rangeProblems(settings),
    ipv6Problems(settings),
    imageProblems(settings),
    keyListProblems(settings),
  ]);
  const all = [...others.flat(), ...problems];
  if (all.length > 0) throw refusal(`Configuration of stack ${settings.stack}, held against the account`, all);
  return { domain };
}
