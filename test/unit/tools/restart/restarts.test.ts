import assert from "node:assert/strict";
import { restartsOf } from "../../../../tools/restart/restarts";

const urn = (type: string, name: string) => `urn:pulumi:prod::inference::${type}::inference-${name}`;
const service = {
  type: "aws:ecs/service:Service",
  urn: urn("aws:ecs/service:Service", "blue"),
  outputs: { name: "inference-blue-1", cluster: "arn:aws:ecs:eu-west-1:1:cluster/main" },
};
const deployment = {
  type: "kubernetes:apps/v1:Deployment",
  urn: urn("kubernetes:apps/v1:Deployment", "green"),
  outputs: { metadata: { namespace: "pods", name: "inference-green-2" } },
};
const providerClass = (namespace: string) => ({
  type: "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass",
  urn: urn("kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass", "secrets"),
  outputs: { metadata: { namespace }, spec: { secretObjects: [{ secretName: `secrets-of-${namespace}` }] } },
});
const resources = [service, deployment, providerClass("pods"), providerClass("others")];
const stack = { name: "prod", resources, outputs: {}, connection: { assumeRoles: [], endpoints: {} } };
const blue = { variant: "blue", cluster: "main", service: "inference-blue-1" };
const green = {
  variant: "green",
  namespace: "pods",
  deployment: "inference-green-2",
  secrets: ["secrets-of-pods"],
};

describe("npm run restart", () => {
  it("restarts every variant on both platforms, or the one that is named", () => {
    assert.deepEqual(restartsOf(stack), [blue, green]);
    assert.deepEqual(restartsOf(stack, "green"), [green]);
  });

  it("names the variants when there is none of that name", () =>
    assert.throws(() => restartsOf(stack, "red"), { message: "--variant is red; expected one of blue, green" }));

  it("says when nothing runs on AWS", () =>
    assert.throws(() => restartsOf({ ...stack, resources: [] }), {
      message: "Stack prod runs nothing on AWS that could be restarted. Deploy it: pulumi up",
    }));
});
