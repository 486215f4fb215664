import type { Account } from "./account";
import { isRecord, type Properties } from "./values";

export const deploymentType = "kubernetes:apps/v1:Deployment";

/** An autoscaler moves a Deployment into its bounds, but leaves one with 0 replicas alone. */
export function scaleTarget(inputs: Properties, account: Account): void {
  const { scaleTargetRef, minReplicas, maxReplicas } = isRecord(inputs.spec) ? inputs.spec : {};
  const target = isRecord(scaleTargetRef) ? scaleTargetRef.name : undefined;
  const found = account
    .of(deploymentType)
    .find(({ outputs }) => isRecord(outputs.metadata) && outputs.metadata.name === target);
  const spec = isRecord(found?.inputs.spec) ? found.inputs.spec : {};
  const count = Number(spec.replicas ?? 1);
  const replicas = Math.min(Math.max(count, Number(minReplicas ?? 1)), Number(maxReplicas));
  if (found && count > 0 && replicas !== count) account.drift(found.urn, { spec: { ...spec, replicas } });
}
