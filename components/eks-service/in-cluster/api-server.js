/** The API server, for scripts that run in the cluster with Node alone. */
const { readFileSync } = require("node:fs");
const { setTimeout: sleep } = require("node:timers/promises");

const { NAMESPACE, AUTOSCALER, TOKEN_FILE } = process.env;
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
const autoscaler = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/${AUTOSCALER}`;

const tries = 5;
const betweenMs = 2000;
const limitMs = 10_000;
const conflict = 409;

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
      reason = Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), { status: answer.status });
      if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      reason = error;
    }
    if (left > 1) await sleep(betweenMs);
  }
  throw reason;
}

/** Patches the autoscaler with what `patchFor` makes of it, if that is anything, and reads it again when another writer was faster. */
async function patchAutoscaler(manager, patchFor) {
  for (let left = tries; ; left--) {
    const live = await send("GET", autoscaler);
    const patch = patchFor(live);
    if (patch === undefined) return live;
    try {
      return await send("PATCH", `${autoscaler}?fieldManager=${manager}`, patch);
    } catch (error) {
      if (error.status !== conflict || left === 1) throw error;
    }
  }
}

const reasonOf = (error) => (error.cause ? `${error.message}: ${error.cause}` : error.message);

module.exports = { send, patchAutoscaler, reasonOf };
