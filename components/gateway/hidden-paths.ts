import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Entrance } from "../core/entrance";
import { notFound } from "./listener";

/** Paths for the platform, not for callers. Health checks reach targets directly. */
export function hidePaths(name: string, paths: readonly string[], entrance: Entrance, inside: pulumi.ResourceOptions) {
  if (paths.length === 0) return;
  new aws.lb.ListenerRule(
    `${name}-hidden`,
    {
      listenerArn: entrance.listenerArn,
      priority: entrance.priorities.hiddenPaths,
      conditions: entrance.conditions({ paths }),
      actions: [notFound],
    },
    inside,
  );
}
