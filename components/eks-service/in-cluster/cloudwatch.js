/** The requests of a target group, from CloudWatch. */
const { readFileSync } = require("node:fs");
const { signedHeaders } = require("./signature");

const { REGION, CLOUDWATCH_URL, TARGET_GROUP, LOAD_BALANCER } = process.env;
/** EKS Pod Identity sets both: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html. */
const { AWS_CONTAINER_CREDENTIALS_FULL_URI: agent, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile } = process.env;

const limitMs = 10_000;
const renewBeforeMs = 5 * 60_000;
let held;

async function answered(what, url, request) {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMs) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** Kept until shortly before they end. */
async function credentials() {
  if (held === undefined || Date.parse(held.Expiration) - Date.now() < renewBeforeMs) {
    const headers = { authorization: readFileSync(tokenFile, "utf8").trim() };
    held = await answered("EKS Pod Identity", agent, { headers });
  }
  return held;
}

async function call(action, input) {
  const body = JSON.stringify(input);
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `GraniteServiceVersion20100801.${action}`,
  };
  const { host } = new URL(CLOUDWATCH_URL);
  const request = { host, region: REGION, service: "monitoring", headers, body, now: new Date() };
  try {
    const signed = signedHeaders(request, await credentials());
    return await answered("CloudWatch", CLOUDWATCH_URL, { method: "POST", headers: signed, body });
  } catch (error) {
    // They may have been withdrawn.
    held = undefined;
    throw error;
  }
}

/**
 * The minute that runs has not had all of its requests yet, and CloudWatch may not have all requests of the one before: of an ALB its count
 * can be incomplete (https://github.com/Netflix/atlas/pull/1300).
 */
const openMinutes = 2;
/** So many more may be missing although they had requests. */
const lateMinutes = 2;

/**
 * The requests of each of the last complete minutes, the newest first. The load balancer reports no minute without requests, so a missing
 * one had none (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html). The newest ones
 * may be late instead and are left out: counted as none, they would let requests raise nothing for as long as CloudWatch is late.
 */
async function requestsPerMinute(minutes) {
  const end = (Math.floor(Date.now() / 60_000) + 1 - openMinutes) * 60;
  const all = minutes + lateMinutes;
  const Dimensions = [
    { Name: "TargetGroup", Value: TARGET_GROUP },
    { Name: "LoadBalancer", Value: LOAD_BALANCER },
  ];
  const Metric = { Namespace: "AWS/ApplicationELB", MetricName: "RequestCount", Dimensions };
  const { MetricDataResults } = await call("GetMetricData", {
    StartTime: end - all * 60,
    EndTime: end,
    MetricDataQueries: [{ Id: "requests", MetricStat: { Metric, Period: 60, Stat: "Sum" } }],
  });
  const [{ StatusCode, Timestamps, Values }] = MetricDataResults;
  if (StatusCode !== "Complete") throw new Error(`CloudWatch: the requests are ${StatusCode}, expected Complete`);
  const counts = new Map(Timestamps.map((time, index) => [time, Values[index]]));
  const found = Array.from({ length: all }, (_, ago) => counts.get(end - (ago + 1) * 60));
  const missing = found.findIndex((count) => count !== undefined);
  const late = missing === -1 ? lateMinutes : Math.min(missing, lateMinutes);
  return found.slice(late, late + minutes).map((count) => count ?? 0);
}

module.exports = { requestsPerMinute };
