// What a CronJob of a schedule runs, with Node alone: components/eks-service/schedule.ts gives it its variables.
const { readFileSync } = require("node:fs");
const { setTimeout: sleep } = require("node:timers/promises");

const { NAMESPACE, DEPLOYMENT, AUTOSCALER, MIN, MAX, TOKEN_FILE } = process.env;
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
const manager = "fieldManager=inference-schedule";
const scale = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${DEPLOYMENT}/scale`;
const autoscaler = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/${AUTOSCALER}`;

const tries = 5;
const betweenMs = 2000;
const limitMs = 10_000;

const sendOnce = (method, path, body) =>
  fetch(`${server}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(TOKEN_FILE, "utf8").trim()}`,
      "content-type": "application/merge-patch+json",
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(limitMs),
  });

/** Every request is idempotent, so one without an answer is sent again. A refusal stays one. */
async function send(method, path, body) {
  let reason;
  for (let left = tries; left > 0; left--) {
    try {
      const answer = await sendOnce(method, path, body);
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      reason = new Error(`${method} ${path}: ${answer.status} ${text}`);
      if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      reason = error;
    }
    if (left > 1) await sleep(betweenMs);
  }
  throw reason;
}

const setReplicas = (replicas) => send("PATCH", `${scale}?${manager}`, { spec: { replicas } });

/** The autoscaler leaves a Deployment with 0 replicas alone, and wakes none. */
async function main() {
  const [minReplicas, maxReplicas] = [Number(MIN), Number(MAX)];
  if (maxReplicas === 0) return setReplicas(0);
  await send("PATCH", `${autoscaler}?${manager}`, { spec: { minReplicas, maxReplicas } });
  const { spec } = await send("GET", scale);
  if ((spec.replicas ?? 0) === 0) await setReplicas(minReplicas);
}

main().then(
  () => console.log(`${DEPLOYMENT}: replicas ${MIN} to ${MAX}`),
  (error) => {
    console.error(error.cause ? `${error.message}: ${error.cause}` : error.message);
    process.exitCode = 1;
  },
);
