import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Insights } from "../core/service-spec";

/** A cluster that the program does not change. */
export interface ExistingCluster {
  readonly name: string;
  readonly arn: string;
  /** Whether its Container Insights publish the number of running tasks. */
  readonly countsTasks: boolean;
}

export interface Cluster {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly countsTasks: boolean;
  /** Must exist before the first task starts and until the last one has stopped. */
  readonly needs: readonly pulumi.Resource[];
}

export function clusterFor(
  name: string,
  { insights, existing }: { readonly insights: Insights; readonly existing?: ExistingCluster },
  inside: pulumi.ResourceOptions,
): Cluster {
  if (!existing) return createCluster(name, insights, inside);
  const { countsTasks } = existing;
  return { name: pulumi.output(existing.name), arn: pulumi.output(existing.arn), countsTasks, needs: [] };
}

const containerInsights: Readonly<Record<Insights, string>> = {
  off: "disabled",
  standard: "enabled",
  enhanced: "enhanced",
};

function createCluster(name: string, insights: Insights, inside: pulumi.ResourceOptions): Cluster {
  const settings = [{ name: "containerInsights", value: containerInsights[insights] }];
  const cluster = new aws.ecs.Cluster(name, { settings }, inside);
  const capacity = new aws.ecs.ClusterCapacityProviders(
    name,
    { clusterName: cluster.name, capacityProviders: ["FARGATE", "FARGATE_SPOT"] },
    inside,
  );
  return { name: cluster.name, arn: cluster.arn, countsTasks: insights !== "off", needs: [capacity] };
}
