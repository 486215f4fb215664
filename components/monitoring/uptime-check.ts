import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Route 53 publishes the metrics of health checks in this region only, and an alarm reads the metrics of its own region only. */
export const healthCheckRegion = "us-east-1";

export interface Reach {
  readonly domain?: object;
  readonly internal: boolean;
  readonly ingressCidrs: readonly string[];
}

/** Route 53's health checkers have addresses all over the world, so the load balancer must accept every address. */
export const isPubliclyReachable = ({ domain, internal, ingressCidrs }: Reach) =>
  domain !== undefined && !internal && ingressCidrs.includes("0.0.0.0/0");

/** Requests the URL every 30 s. The URL resolves once it answers: a check that started earlier would page during the first deployment. */
export const createUptimeCheck = (
  name: string,
  url: pulumi.Output<string>,
  path: string,
  inside: pulumi.ResourceOptions,
) =>
  new aws.route53.HealthCheck(
    name,
    {
      type: "HTTPS",
      fqdn: url.apply((text) => new URL(text).hostname),
      port: url.apply((text) => Number(new URL(text).port || 443)),
      enableSni: true,
      resourcePath: url.apply((text) => `${new URL(text).pathname.replace(/\/$/, "")}${path}`),
      requestInterval: 30,
      failureThreshold: 3,
    },
    inside,
  );
