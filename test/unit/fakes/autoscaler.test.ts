import assert from "node:assert/strict";
import { Account } from "../../fakes/account";
import { deploymentType, scaleTarget } from "../../fakes/autoscaler";
import { temporaryFolder } from "../../support/folder";

describe("The fake autoscaler", () => {
  for (const [before, after] of [
    [1, 2],
    [4, 4],
    [9, 6],
    [0, 0],
  ]) {
    it(`makes ${after} of ${before} replicas between 2 and 6`, () => {
      const account = new Account(temporaryFolder("account"));
      const name = "inference-eks-1";
      account.add(deploymentType, "inference-eks", name, { spec: { replicas: before } }, { metadata: { name } });
      scaleTarget({ spec: { scaleTargetRef: { name }, minReplicas: 2, maxReplicas: 6 } }, account);
      const [held] = account.of(deploymentType);
      assert.deepEqual(held?.inputs.spec, { replicas: after });
    });
  }
});
