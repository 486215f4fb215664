import * as pulumi from "@pulumi/pulumi";
import type { AwsConnection } from "../aws/connection";
import { keptImage } from "../aws/ecr";
import { providerFor } from "../aws/providers";
import { refusal } from "../core/problems";
import type { Settings } from "../settings";
import { targetsInUse } from "../settings/model";
import { type FoundDomain, findDomain } from "./domain";
import { warnOfExpiringImages } from "./image-expiry";
import { imageProblems } from "./images";
import { keyListProblems } from "./key-list";
import { type FoundListener, findListener } from "./listener";
import { findPlace } from "./network";
import { policyProblems } from "./policies";
import { type Running, readRunning } from "./running";
import { checkSignIn } from "./sign-in";
import { volumeProblems } from "./volumes";

export interface FoundInAccount {
  /** The one aws provider of the stack. */
  readonly provider: pulumi.ProviderResource;
  readonly domain?: FoundDomain;
  /** The listener that `gateway` names. */
  readonly listener?: FoundListener;
  /** What the stack runs before this update. */
  readonly running: Running;
  /** The availability zones of a VPC that the stack creates. */
  readonly zones: readonly string[];
}

/** What a caller that is not the program provides by itself. */
interface Surroundings {
  readonly provider?: pulumi.ProviderResource;
  readonly readState?: (settings: Settings) => Promise<Running>;
  readonly asksCluster?: boolean;
}

/**
 * Checks the settings against AWS and the image registries, before the first resource and in previews as well. All problems
 * are reported together.
 */
export async function runPreflight(
  settings: Settings,
  connection: AwsConnection,
  {
    provider = providerFor("aws"),
    readState = readRunning,
    asksCluster = !pulumi.runtime.isDryRun(),
  }: Surroundings = {},
): Promise<FoundInAccount> {
  const opts = { provider };
  await checkSignIn(connection, opts);
  const running = await readState(settings);
  const place = findPlace(settings, running, opts);
  const account = { connection, running, place, asksCluster, opts };
  const used = targetsInUse(settings);
  const [{ domain, ...named }, { listener, ...joined }, { zones, ...placed }, ...others] = await Promise.all([
    // The owner of an existing listener has its certificate and its DNS records.
    findDomain(settings.gateway ? undefined : settings.domain, opts),
    findListener(settings, account),
    place,
    ...used.map((target) => target.preflight(settings, account)),
    imageProblems(settings, opts),
    keyListProblems(settings, opts),
    policyProblems(settings, opts),
    volumeProblems(settings, place, opts),
  ]);
  const all = [...placed.problems, ...joined.problems, ...others.flat(), ...named.problems];
  if (all.length > 0) throw refusal(`Stack ${settings.stack}`, all, " found in the AWS account");
  await warnOfExpiringImages(settings, (image) => keptImage(connection, image));
  return { provider, domain, listener, running, zones };
}
