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
 * The requests of each of the last whole minutes, the newest first. The running minute is left out: it has not had all of its requests yet.
 * The load balancer reports no minute without requests (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html).
 */
async function requestsPerMinute(minutes) {
  const end = Math.floor(Date.now() / 60_000) * 60;
  const Dimensions = [
    { Name: "TargetGroup", Value: TARGET_GROUP },
    { Name: "LoadBalancer", Value: LOAD_BALANCER },
  ];
  const Metric = { Namespace: "AWS/ApplicationELB", MetricName: "RequestCount", Dimensions };
  const { MetricDataResults } = await call("GetMetricData", {
    StartTime: end - minutes * 60,
    EndTime: end,
    MetricDataQueries: [{ Id: "requests", MetricStat: { Metric, Period: 60, Stat: "Sum" } }],
  });
  const [{ StatusCode, Timestamps, Values }] = MetricDataResults;
  if (StatusCode !== "Complete") throw new Error(`CloudWatch: the requests are ${StatusCode}, expected Complete`);
  const counts = new Map(Timestamps.map((time, index) => [time, Values[index]]));
  return Array.from({ length: minutes }, (_, ago) => counts.get(end - (ago + 1) * 60) ?? 0);
}

module.exports = { requestsPerMinute };
