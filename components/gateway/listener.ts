import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { hiddenPathsPriority } from "../rule-priority";

const notFound = {
  type: "fixed-response",
  fixedResponse: { statusCode: "404", contentType: "application/json", messageBody: '{"code":"not_found"}' },
};

export function createListener(name: string, loadBalancer: aws.lb.LoadBalancer, inside: pulumi.ResourceOptions) {
  return new aws.lb.Listener(
    `${name}-http`,
    { loadBalancerArn: loadBalancer.arn, port: 80, protocol: "HTTP", defaultActions: [notFound] },
    inside,
  );
}

/** Answers that are for the platform, not for the public. Targets are probed directly. */
const hiddenPaths = ["/metrics", "/ready", "/ping"];

export function hidePaths(name: string, listener: aws.lb.Listener, inside: pulumi.ResourceOptions) {
  new aws.lb.ListenerRule(
    `${name}-hidden`,
    {
      listenerArn: listener.arn,
      priority: hiddenPathsPriority,
      conditions: [{ pathPattern: { values: hiddenPaths } }],
      actions: [notFound],
    },
    inside,
  );
}
