import type { AwsConnection } from "../aws-connection";
import { signInProblems } from "../cluster-sign-in";
import { imageProblems } from "../image-check";
import { refusal } from "../problems";
import type { Settings } from "../settings";
import { clusterProblems, usesEks } from "./cluster";
import { type FoundDomain, findDomain } from "./domain";
import { keyListProblems } from "./key-list";
import { findPlace, rangeProblems } from "./network";
import { ownClusterProblems } from "./own-cluster";

import { checkSignIn } from "./sign-in";

type Asked = Pick<
  Settings,
  | "project"
  | "stack"
  | "region"
  | "network"
  | "internal"
  | "eks"
  | "model"
  | "clusterName"
  | "architecture"
  | "image"
  | "domain"
  | "dualstack"
  | "apiKeys"
>;

export interface FoundInAccount {
  readonly domain?: FoundDomain;
  /** Where a network of ours lies. */
  readonly zones: readonly string[];
}

/**
 * What of a stack's settings only AWS and the registries of its images can judge: asked, and told at once, before the first resource,
 * in previews as well.
 */
export async function heldAgainstAccount(settings: Asked, connection: AwsConnection): Promise<FoundInAccount> {
  await checkSignIn(connection);
  const [{ domain, ...named }, { zones, ...placed }, ...others] = await Promise.all([
    findDomain(settings.domain),
    findPlace(settings),
    clusterProblems(settings),
    ownClusterProblems(settings),
    rangeProblems(settings),
    imageProblems(settings),
    keyListProblems(settings),
    usesEks(settings) && !settings.eks.cluster ? signInProblems(connection) : [],
  ]);
  const all = [...placed.problems, ...others.flat(), ...named.problems];
  if (all.length > 0) throw refusal(`Stack ${settings.stack}`, all, " found in the AWS account");
  return { domain, zones };
}
