/** The request scaler of a variant: components/eks-service/request-scaling.ts gives it its variables. */
const { setTimeout: sleep } = require("node:timers/promises");
const { patchAutoscaler, reasonOf } = require("./api-server");
const { askedBy } = require("./asked");
const { requestsPerMinute } = require("./cloudwatch");
const { askedOf, boundsOf, isChange, patchOf, targetOf } = require("./minimum");

const { AUTOSCALER, MINUTES, EVERY_SECONDS } = process.env;
const everyMs = Number(EVERY_SECONDS) * 1000;

/** Raises the minimum to what the requests ask for, or returns it to its base. */
async function scale() {
  const requests = await requestsPerMinute(Number(MINUTES));
  let said;
  await patchAutoscaler("inference-requests", (live) => {
    const target = targetOf(live);
    const asked = target && askedBy(requests, target, askedOf(live));
    const patch = patchOf(live, boundsOf(live), asked);
    const [before, after] = [live.spec.minReplicas, patch.spec.minReplicas];
    said =
      before === after
        ? undefined
        : `${AUTOSCALER}: minimum ${before} is ${after} now, after ${requests[0]} requests in a minute`;
    return isChange(live, patch) ? patch : undefined;
  });
  if (said !== undefined) console.log(said);
}

/** A failure keeps the minimum as it is: no answer is not the same as no requests. */
async function main() {
  for (;;) {
    const started = Date.now();
    await scale().catch((error) => console.error(`${AUTOSCALER}: the minimum stays as it is: ${reasonOf(error)}`));
    await sleep(Math.max(0, started + everyMs - Date.now()));
  }
}

// The first process of a container gets no signal that it does not handle.
process.once("SIGTERM", () => process.exit());
console.log(`${AUTOSCALER}: scales by requests`);
main();
