import type { Alarm, Signal } from "./alarm";

/** Of the settings, what decides when an alarm fires. */
export interface Thresholds {
  readonly p99Seconds: number;
  readonly errorPercent: number;
  readonly loadBalancerErrors: number;
}

const namespace = "AWS/ApplicationELB";
const signal = (id: string, metric: string, statistic: Signal["statistic"]): Signal => ({
  id,
  namespace,
  metric,
  statistic,
});

/**
 * Of fewer requests in a minute neither a percentile nor a share says anything. A floor in the expression, not CloudWatch's own rule for
 * few samples: for p99 that one wants 1000 requests a minute, and keeps the state of an alarm for as long as there are fewer.
 */
const fewestRequests = 20;
const requests = signal("requests", "RequestCount", "Sum");
const eachMinute = { periodSeconds: 60, missingData: "notBreaching" } as const;

/** The same for every variant, on whichever platform: the load balancer measures both alike. */
export const variantAlarms = (thresholds: Thresholds): Alarm[] => [slow(thresholds), failing(thresholds), unhealthy];

const slow = ({ p99Seconds }: Thresholds): Alarm => ({
  ...eachMinute,
  name: "slow",
  signals: [signal("seconds", "TargetResponseTime", "p99"), requests],
  expression: `IF(requests >= ${fewestRequests}, seconds, 0)`,
  measures: `p99 latency, with ${fewestRequests} requests a minute or more,`,
  unit: " s",
  comparison: "above",
  threshold: p99Seconds,
  breaches: 3,
  periods: 3,
  urgency: "page",
  rollsBack: true,
  advice:
    "Compare CPU and replicas on the dashboard: raise replicas.max or cpu; after a release, go back to the digest before.",
  section: "Slow answers",
});

const failing = ({ errorPercent }: Thresholds): Alarm => ({
  ...eachMinute,
  name: "failing",
  signals: [signal("errors", "HTTPCode_Target_5XX_Count", "Sum"), requests],
  expression: `IF(requests >= ${fewestRequests}, 100 * FILL(errors, 0) / requests, 0)`,
  measures: `Share of 5xx answers, with ${fewestRequests} requests a minute or more,`,
  unit: " %",
  comparison: "above",
  threshold: errorPercent,
  breaches: 3,
  periods: 3,
  urgency: "page",
  rollsBack: true,
  advice:
    "Ask the saved query for errors by code: overloaded wants replicas, failed has its cause in the log under the request id.",
  section: "Errors",
});

/**
 * Only for a variant that the public reaches: another one may be small, cold or not there yet.
 * @param fewestReplicas Below that it is short of them, at any hour at which it has some.
 */
export const tooFewHealthy = (fewestReplicas: number): Alarm => ({
  ...eachMinute,
  name: "too-few-healthy",
  signals: [signal("healthy", "HealthyHostCount", "Minimum")],
  expression: "healthy",
  measures: "Healthy replicas of a variant with weight",
  unit: "",
  comparison: "below",
  threshold: fewestReplicas,
  breaches: 5,
  periods: 5,
  // Without a single registered target there is no such metric.
  missingData: "breaching",
  urgency: "page",
  rollsBack: false,
  advice: "See why replicas stop or do not start: the events of the service, then its log.",
  section: "It does not start",
});

const unhealthy: Alarm = {
  ...eachMinute,
  name: "unhealthy",
  signals: [signal("unhealthy", "UnHealthyHostCount", "Maximum")],
  expression: "unhealthy",
  measures: "Unhealthy replicas",
  unit: "",
  comparison: "above",
  threshold: 0,
  // A replica that starts may be unhealthy for as long as it loads its model.
  breaches: 10,
  periods: 10,
  urgency: "warning",
  rollsBack: false,
  advice: "A replica does not answer its readiness check, and the platform replaces it without success.",
  section: "Unhealthy replicas",
};

/** What the load balancer answers by itself belongs to no target group. */
export function loadBalancerAlarms({ loadBalancerErrors }: Thresholds): Alarm[] {
  return [
    {
      ...eachMinute,
      name: "no-answer",
      signals: [signal("unanswered", "HTTPCode_ELB_5XX_Count", "Sum")],
      expression: "unanswered",
      measures: "5xx answers of the load balancer itself",
      unit: "",
      comparison: "above",
      threshold: loadBalancerErrors,
      periodSeconds: 300,
      breaches: 1,
      periods: 1,
      urgency: "page",
      rollsBack: false,
      advice: "502 is a replica that hung up, 503 no replica at all, 504 one that did not answer in 60 s.",
      section: "Errors",
    },
    {
      ...eachMinute,
      name: "rejected",
      signals: [signal("rejected", "RejectedConnectionCount", "Sum")],
      expression: "rejected",
      measures: "Connections that the load balancer refused",
      unit: "",
      comparison: "above",
      threshold: 0,
      breaches: 3,
      periods: 3,
      urgency: "page",
      rollsBack: false,
      advice: "The load balancer is at its limit of connections: find out who calls.",
      section: "Errors",
    },
  ];
}
