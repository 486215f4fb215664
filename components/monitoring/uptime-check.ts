import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Window } from "../core/schedule";
import type { Alarm } from "./alarm";
import { createAlarm } from "./create-alarm";
import { createPageElsewhere, type Notifications } from "./notifications";
import { mute } from "./watch";

/** Route 53 publishes the metrics of health checks in this region only, and an alarm reads the metrics of its own region only. */
const healthCheckRegion = "us-east-1";

/** The other alarms use metrics of the load balancer, which cannot show that the domain name no longer points to it. */
export const unreachable: Alarm = {
  name: "unreachable",
  signals: [{ id: "healthy", namespace: "AWS/Route53", metric: "HealthCheckStatus", statistic: "Minimum" }],
  expression: "healthy",
  measures: "Health of the url, 1 or 0 as Route 53 sees it from around the world,",
  unit: "",
  comparison: "below",
  threshold: 1,
  periodSeconds: 60,
  breaches: 3,
  periods: 3,
  // A check that was just made has measured nothing yet.
  missingData: "notBreaching",
  urgency: "page",
  rollsBack: false,
  advice: "If another alarm pages too, begin with that one; alone, it is the name, its records or the certificate.",
  section: "Nobody reaches it",
};

export interface Reach {
  readonly domain?: object;
  readonly internal: boolean;
  readonly ingressCidrs: readonly string[];
}

/** Route 53's health checkers have addresses all over the world, so the load balancer must accept every address. */
export const isPubliclyReachable = ({ domain, internal, ingressCidrs }: Reach) =>
  domain !== undefined && !internal && ingressCidrs.includes("0.0.0.0/0");

export interface UptimeCheckArgs {
  /** Resolves once the URL answers. A check that started earlier would page during the first deployment. */
  readonly url: pulumi.Output<string>;
  readonly region: string;
  readonly notifications: Notifications;
  /** The actions of paging alarms in the region of the stack. */
  readonly actions: readonly pulumi.Input<string>[];
  readonly windows: Readonly<Record<string, Window>>;
}

/** Requests the URL every 30 s. The alarm pages by itself: a composite alarm would have this one member. */
export function createUptimeCheck(name: string, args: UptimeCheckArgs, inside: pulumi.ResourceOptions) {
  const { url, region, notifications, windows } = args;
  const check = new aws.route53.HealthCheck(
    name,
    {
      type: "HTTPS",
      fqdn: url.apply((text) => new URL(text).hostname),
      port: 443,
      enableSni: true,
      resourcePath: "/health",
      requestInterval: 30,
      failureThreshold: 3,
    },
    inside,
  );
  const isNear = region === healthCheckRegion;
  const actions = isNear
    ? args.actions
    : createPageElsewhere(`${name}-outside`, notifications, healthCheckRegion, inside);
  const dimensions = { HealthCheckId: check.id };
  const alarm = createAlarm(name, unreachable, dimensions, actions, inside, healthCheckRegion);
  mute({ name: `${name}-outside`, windows, alarmName: alarm.name, region: healthCheckRegion }, inside);
  return { alarm, isNear };
}
