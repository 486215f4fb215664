import assert from "node:assert/strict";
import { foreign } from "../../../support/parity/stacks";
import { declaredStack } from "../../support/mock-cloud";

const rulesOf = (way: string) => `aws:vpc/securityGroup${way}Rule:SecurityGroup${way}Rule`;

describe("Security group rules for the container's port", () => {
  it("are replaced when it changes: in place, the old port would close while requests still go there", async () => {
    const plan = await declaredStack("dev", { ...foreign, target: "both", internalCallers: ["sg-0123abcd"] });
    const rules = ["Ingress", "Egress"].flatMap((way) => plan.all(rulesOf(way)));
    const ofPort = rules.filter(({ inputs }) => inputs.fromPort === foreign.container.port);
    assert.deepEqual(
      ofPort.map(({ name, options }) => [name, options.replaceOnChanges]),
      [
        "inference-ecs-sg-0123abcd",
        "inference-ecs-requests",
        "inference-eks-requests",
        "inference-gateway-ecs",
        "inference-gateway-eks",
      ].map((name) => [name, ["fromPort", "toPort"]]),
    );
  });
});
