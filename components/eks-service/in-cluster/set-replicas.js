/** What a CronJob of a schedule runs: components/eks-service/schedule.ts gives it its variables. */
const { patchAutoscaler, reasonOf, send } = require("./api-server");
const { patchOf } = require("./minimum");

const { NAMESPACE, DEPLOYMENT, MIN, MAX } = process.env;
const manager = "inference-schedule";
const scale = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${DEPLOYMENT}/scale`;

const setReplicas = (replicas) => send("PATCH", `${scale}?fieldManager=${manager}`, { spec: { replicas } });

/** The autoscaler leaves a Deployment with 0 replicas alone, and wakes none. */
async function main() {
  const [min, max] = [Number(MIN), Number(MAX)];
  if (max === 0) return setReplicas(0);
  const { spec: bounds } = await patchAutoscaler(manager, (live) => patchOf(live, { min, max }));
  const { spec } = await send("GET", scale);
  if ((spec.replicas ?? 0) === 0) await setReplicas(bounds.minReplicas);
}

main().then(
  () => console.log(`${DEPLOYMENT}: replicas ${MIN} to ${MAX}`),
  (error) => {
    console.error(reasonOf(error));
    process.exitCode = 1;
  },
);
