import type { Alarm, LogSignal } from "./alarm";
import { fatalLines } from "./log-patterns";

/**
 * In a minute with fewer requests, neither a percentile nor a percentage means anything. CloudWatch's own rule for few samples does not fit:
 * for p99 it wants 1,000 requests a minute, and below that it keeps the state of the alarm.
 */
const fewestRequests = 20;
const enoughTraffic = `with at least ${fewestRequests} requests a minute`;

const requests = { metric: "RequestCount", statistic: "Sum" } as const;
const eachMinute = { periodSeconds: 60, missingData: "notBreaching" } as const;
const quarterHour = { ...eachMinute, periods: 15 } as const;
const lines = (metric: string, patterns: LogSignal["patterns"]): LogSignal => ({ metric, statistic: "Sum", patterns });

/**
 * Every alarm of the program. An entry is all there is to one: its scope decides the resource that it measures and when it is created,
 * its urgency whether it pages; its texts are the mail and a row of docs/runbook.md.
 */
export const alarms: readonly Alarm[] = [
  {
    ...eachMinute,
    name: "slow",
    scope: "variant",
    signals: { seconds: { metric: "TargetResponseTime", statistic: "p99" }, requests },
    formula: { label: "p99 latency, s", expression: `IF(requests >= ${fewestRequests}, seconds, 0)` },
    comparison: "above",
    threshold: "p99Seconds",
    periods: 3,
    urgency: "page",
    rollsBack: true,
    fires: (seconds, span) => `p99 latency above ${seconds} s ${span}, ${enoughTraffic}`,
    advice:
      "Compare CPU and replicas on the dashboard, then raise replicas.max or cpu. After a release, set image to the previous digest.",
    runbook: "Slow answers",
  },
  {
    ...eachMinute,
    name: "failing",
    scope: "variant",
    signals: { errors: { metric: "HTTPCode_Target_5XX_Count", statistic: "Sum" }, requests },
    formula: {
      label: "5xx responses, %",
      expression: `IF(requests >= ${fewestRequests}, 100 * FILL(errors, 0) / requests, 0)`,
    },
    comparison: "above",
    threshold: "errorPercent",
    periods: 3,
    urgency: "page",
    rollsBack: true,
    fires: (percent, span) => `More than ${percent} % of responses are 5xx ${span}, ${enoughTraffic}`,
    advice:
      'Run the saved query "errors". With our server, overloaded: raise replicas.max; failed: the log has the cause under the request ID.',
    runbook: "Errors",
  },
  {
    ...eachMinute,
    name: "unhealthy",
    scope: "variant",
    signals: { unhealthy: { metric: "UnHealthyHostCount", statistic: "Maximum" } },
    comparison: "above",
    threshold: 0,
    // A starting replica can be unhealthy while it loads its model.
    periods: 10,
    urgency: "warning",
    rollsBack: false,
    fires: (count, span) => `${count + 1} or more unhealthy replicas ${span}`,
    advice: "A replica fails its readiness check, and so do its replacements. Read its log.",
    runbook: "Unhealthy replicas",
  },
  {
    // A variant without weight can be small, cold or absent.
    ...eachMinute,
    name: "too-few-healthy",
    scope: "servingVariant",
    signals: { healthy: { metric: "HealthyHostCount", statistic: "Minimum" } },
    comparison: "below",
    threshold: "fewestReplicas",
    periods: 5,
    // The load balancer publishes no such metric for a group without targets.
    missingData: "breaching",
    urgency: "page",
    rollsBack: false,
    fires: (replicas, span) =>
      replicas === 1 ? `No healthy replica ${span}` : `Fewer than ${replicas} healthy replicas ${span}`,
    advice: "Replicas stop or do not start. Read the events of the service, then its log.",
    runbook: "It does not start",
  },
  {
    ...quarterHour,
    name: "cpu",
    scope: "replicas",
    signals: { used: { metric: "cpuPercent", statistic: "Average" } },
    comparison: "above",
    threshold: 90,
    urgency: "warning",
    rollsBack: false,
    fires: (percent, span) => `Average CPU of the replicas above ${percent} % ${span}`,
    advice: "Scaling should have added replicas. Either replicas.max is reached, or there is no capacity for more.",
    runbook: "Slow answers",
  },
  {
    ...quarterHour,
    name: "memory",
    scope: "replicas",
    signals: { used: { metric: "memoryPercent", statistic: "Average" } },
    comparison: "above",
    threshold: 85,
    urgency: "warning",
    rollsBack: false,
    fires: (percent, span) => `Average memory of the replicas above ${percent} % ${span}`,
    advice: "The next large request can end a replica. Raise memory.",
    runbook: "Out of memory",
  },
  {
    // The load balancer's own responses belong to no target group.
    ...eachMinute,
    name: "no-answer",
    scope: "loadBalancer",
    signals: { unanswered: { metric: "HTTPCode_ELB_5XX_Count", statistic: "Sum" } },
    comparison: "above",
    threshold: "loadBalancerErrors",
    periods: 1,
    periodSeconds: 300,
    urgency: "page",
    rollsBack: false,
    fires: (count, span) => `The load balancer itself responded with 5xx more than ${count} times ${span}`,
    advice:
      "502: a replica closed the connection. 503: no replica is healthy. 504: a replica did not answer within container.idleSeconds.",
    runbook: "Errors",
  },
  {
    ...eachMinute,
    name: "rejected",
    scope: "loadBalancer",
    signals: { rejected: { metric: "RejectedConnectionCount", statistic: "Sum" } },
    comparison: "above",
    threshold: 0,
    periods: 3,
    urgency: "page",
    rollsBack: false,
    fires: (count, span) => `The load balancer rejected ${count + 1} or more connections a minute ${span}`,
    advice: "The load balancer has reached its limit of connections. Find out which clients call.",
    runbook: "Errors",
  },
  {
    // The load balancer's metrics cannot show that the domain name no longer points to it.
    ...eachMinute,
    name: "unreachable",
    scope: "url",
    signals: { healthy: { metric: "HealthCheckStatus", statistic: "Minimum" } },
    comparison: "below",
    threshold: 1,
    periods: 3,
    urgency: "page",
    rollsBack: false,
    fires: (_healthy, span) => `Route 53 cannot reach the URL ${span}`,
    advice:
      "If another alarm fires too, begin with that one. If it fires alone, check the domain name, its records and the certificate.",
    runbook: "Nobody reaches it",
  },
  {
    // ACM has tried to renew a certificate for weeks before this fires.
    name: "certificate",
    scope: "certificate",
    signals: { days: { metric: "DaysToExpiry", statistic: "Minimum" } },
    comparison: "below",
    threshold: 30,
    // ACM publishes it twice a day.
    periods: 1,
    periodSeconds: 86_400,
    missingData: "notBreaching",
    urgency: "warning",
    rollsBack: false,
    fires: (days) => `The certificate expires in less than ${days} days`,
    advice:
      "ACM has not renewed it. Check that the DNS record that validates the domain still exists. Import an imported certificate again.",
    runbook: "Certificate",
  },
  {
    ...eachMinute,
    name: "fatal",
    scope: "logs",
    signals: { fatal: lines("FatalLines", fatalLines) },
    comparison: "above",
    threshold: 0,
    periods: 1,
    periodSeconds: 300,
    urgency: "warning",
    rollsBack: false,
    fires: (count, span) => `${count + 1} or more fatal log lines ${span}`,
    advice:
      "Read the line. Usually a container stopped during its start, because of a model or a setting that it cannot use.",
    runbook: "It does not start",
  },
  {
    ...eachMinute,
    name: "crashing",
    scope: "logs",
    signals: {
      starts: lines("Starts", { ours: '{ $.msg = "ready" }' }),
      shutdowns: lines("Shutdowns", { ours: '{ $.msg = "shutting down" }' }),
    },
    // Starts and shutdowns of deployments and scaling cancel out, up to replicas.max. The rest are crashes.
    formula: {
      label: "starts without a matching shutdown",
      expression: "FILL(starts, 0) - FILL(shutdowns, 0)",
    },
    comparison: "above",
    threshold: "mostReplicas",
    periods: 1,
    periodSeconds: 3600,
    urgency: "warning",
    rollsBack: false,
    fires: (count, span) => `More than ${count} container starts without a matching shutdown ${span}`,
    advice:
      "Replicas end without a shutdown, usually because memory runs out. Check why tasks stopped, or run kubectl describe pod.",
    runbook: "Out of memory",
  },
];
