import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { hiddenPathsPriority } from "../core/rule-priority";
import { notFound } from "./listener";

/** Paths for the platform, not for callers. Health checks reach targets directly. */
export function hidePaths(
  name: string,
  paths: readonly string[],
  listener: aws.lb.Listener,
  inside: pulumi.ResourceOptions,
) {
  if (paths.length === 0) return;
  new aws.lb.ListenerRule(
    `${name}-hidden`,
    {
      listenerArn: listener.arn,
      priority: hiddenPathsPriority,
      conditions: [{ pathPattern: { values: [...paths] } }],
      actions: [notFound],
    },
    inside,
  );
}
