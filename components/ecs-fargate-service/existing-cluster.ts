import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Capacity } from "../core/capacity";
import type { Problem } from "../core/problems";
import { ask } from "../preflight/ask";
import type { Running } from "../preflight/running";
import type { Settings } from "../settings";
import type { ExistingCluster } from "./cluster";
import { capacityProviders } from "./service";

interface FoundCluster extends ExistingCluster {
  readonly status: string;
}

/** Reads the cluster that `ecs.cluster` names. */
export async function readCluster(name: string, opts: pulumi.InvokeOptions): Promise<FoundCluster | undefined> {
  const found = await ask(`the ECS cluster ${name}`, aws.ecs.getCluster({ clusterName: name }, opts));
  if (!found) return undefined;
  const insights = found.settings.find((setting) => setting.name === "containerInsights")?.value ?? "disabled";
  return { name, arn: found.arn, status: found.status, countsTasks: insights !== "disabled" };
}

/** Checks the cluster that `ecs.cluster` names. ECS would refuse the service only after the network and the load balancer exist. */
export async function existingClusterProblems(
  { ecs, region, spot }: Pick<Settings, "ecs" | "region" | "spot">,
  { taskCluster }: Running,
  opts: pulumi.InvokeOptions & pulumi.CustomResourceOptions,
): Promise<Problem[]> {
  const { cluster: value } = ecs;
  if (value === undefined) return [];
  const problem = (expected: string): Problem[] => [{ key: "ecs.cluster", value, expected }];
  if (taskCluster?.name === value) {
    return problem("a cluster of somebody else, or no ecs.cluster: this stack created the cluster and would delete it");
  }
  const found = await readCluster(value, opts);
  if (!found) return problem(`an ECS cluster that exists in ${region}`);
  if (found.status !== "ACTIVE") return problem(`an ACTIVE cluster; this one is ${found.status}`);
  const offered = await capacityProvidersOf(value, opts);
  const missing = needed(spot).filter((provider) => !offered.includes(provider));
  if (missing.length === 0) return [];
  const has = offered.length === 0 ? "none" : offered.join(", ");
  return problem(
    `a cluster with the capacity provider ${missing.join(" and ")}; this one has ${has}. Its owner adds it: aws ecs put-cluster-capacity-providers`,
  );
}

const needed = (spot: Capacity) => capacityProviders(spot).map(({ capacityProvider }) => capacityProvider);

/** The data source of a cluster leaves them out. */
function capacityProvidersOf(name: string, opts: pulumi.CustomResourceOptions): Promise<readonly string[]> {
  const found = aws.ecs.ClusterCapacityProviders.get("existing-cluster", name, {}, opts);
  return new Promise((resolve) => void found.capacityProviders.apply((names) => resolve(names ?? [])));
}
