import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Window } from "../core/schedule";
import type { Alarm } from "./alarm";
import { createAlarm } from "./create-alarm";
import { createPageElsewhere, type Notifications } from "./notifications";
import { mute } from "./watch";

/** Route 53 publishes what it measures here and nowhere else, and an alarm sees the metrics of its own region only. */
const measuredIn = "us-east-1";

/** The other alarms hear from the load balancer, which knows nothing of a name that no longer leads to it. */
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

/** The checkers come from wherever AWS has them: who does not let everyone in does not let them in. */
export const isSeenFromOutside = ({ domain, internal, ingressCidrs }: Reach) =>
  domain !== undefined && !internal && ingressCidrs.includes("0.0.0.0/0");

export interface OutsideArgs {
  /** Resolves once it answers: a check that began earlier would page during the first deployment. */
  readonly url: pulumi.Output<string>;
  readonly region: string;
  readonly notifications: Notifications;
  /** What pages do where the stack is. */
  readonly actions: readonly pulumi.Input<string>[];
  readonly windows: Readonly<Record<string, Window>>;
}

/** Asks the url as callers do, every half minute. Without a composite: it would have this one member. */
export function watchFromOutside(name: string, args: OutsideArgs, inside: pulumi.ResourceOptions) {
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
  const isNear = region === measuredIn;
  const actions = isNear ? args.actions : createPageElsewhere(`${name}-outside`, notifications, measuredIn, inside);
  const dimensions = { HealthCheckId: check.id };
  const alarm = createAlarm(name, unreachable, dimensions, actions, inside, measuredIn);
  mute({ name: `${name}-outside`, windows, alarmName: alarm.name, region: measuredIn }, inside);
  return { alarm, isNear };
}
