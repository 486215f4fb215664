import { signInProblems } from "../../aws/cluster-sign-in";
import type { Problem } from "../../core/problems";
import type { Settings } from "../../settings";
import type { Account } from "../../targets/target";
import { existingClusterProblems } from "./existing-cluster";
import { addressProblems, clusterZoneProblems } from "./network";
import { ownClusterProblems } from "./own-cluster";

export async function eksProblemsInAccount(settings: Settings, account: Account): Promise<Problem[]> {
  const { connection, running, place, opts } = account;
  const { eks, network } = settings;
  if (eks.cluster) return existingClusterProblems(settings, eks.cluster, account);
  const found = await Promise.all([
    place.then(({ replicaZones }) => clusterZoneProblems(network, running, replicaZones, opts)),
    ownClusterProblems(settings, running, opts),
    addressProblems(settings, opts),
    signInProblems(connection),
  ]);
  return found.flat();
}
