import assert from "node:assert/strict";
import type { PlannedResource } from "../../tools/offline";
import type { Answer, KubernetesClient, KubernetesObject } from "../standins/kubernetes-client";
import { declaredStack } from "../support/mock-cloud";
import { KubeApi, missingKubeApi } from "./kube-api";

const missing = missingKubeApi();
if (missing) console.log(`  What the program asks of Kubernetes: skipped, ${missing}`);

/** The provider names what the program leaves unnamed; here the program's own name does. */
function named({ name, inputs }: PlannedResource): KubernetesObject {
  const { metadata, ...rest } = inputs as unknown as Omit<KubernetesObject, "metadata"> & {
    metadata: { name?: string };
  };
  return { ...rest, metadata: { name, ...metadata } };
}

(missing ? describe.skip : describe)("What the program asks of Kubernetes", function () {
  this.timeout(120_000);
  let api: KubeApi;
  let client: KubernetesClient;
  const apply = (object: KubernetesObject) => client.apply(object, "test");
  let objects: KubernetesObject[];
  const of = (kind: string) => {
    const found = objects.find((object) => object.kind === kind);
    assert.ok(found, `no ${kind}`);
    return found;
  };
  const refused = ({ status, body }: Answer) => (status < 300 ? undefined : body.message);

  before(async () => {
    api = await KubeApi.start();
    client = api.client;
    const plan = await declaredStack("dev", { target: "both" });
    objects = plan.plan.resources.filter(({ type }) => type.startsWith("kubernetes:")).map(named);
  });
  after(() => api?.stop());

  it("is taken by a real API server, every field of it", async () => {
    const namespacesFirst = [...objects].sort(
      (a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"),
    );
    for (const object of namespacesFirst) assert.equal(refused(await apply(object)), undefined, object.kind);
    assert.ok(objects.length >= 10);
  });

  it("would be refused with a misspelt field in the Deployment", async () => {
    const text = JSON.stringify(of("Deployment")).replace("terminationGracePeriodSeconds", "terminationGraceSeconds");
    assert.match(refused(await apply(JSON.parse(text))) ?? "", /terminationGraceSeconds/);
  });

  it("would be refused as a binding without its target type", async () => {
    const binding = of("TargetGroupBinding") as KubernetesObject & { spec: { targetType: string } };
    const { targetType, ...spec } = binding.spec;
    assert.equal(targetType, "ip");
    assert.match(refused(await apply({ ...binding, spec } as KubernetesObject)) ?? "", /targetType/);
  });

  it("holds its pods to the restricted standard: one that breaks it is told", async () => {
    const { spec } = of("Deployment") as KubernetesObject & { spec: { template: { spec: object; metadata: object } } };
    const { namespace } = of("Deployment").metadata;
    const pod = (name: string, changed: object): KubernetesObject & { spec: object } => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...spec.template.metadata, name, namespace },
      spec: { ...spec.template.spec, ...changed },
    });
    assert.equal(refused(await apply(pod("fits", {}))), undefined);
    assert.match(refused(await apply(pod("breaks", { hostNetwork: true }))) ?? "", /violates PodSecurity "restricted/);
  });
});
