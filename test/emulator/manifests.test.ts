import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { PlannedResource } from "../../tools/offline";
import type { Answer, KubernetesClient, KubernetesObject } from "../fakes/kubernetes-client";
import { everything } from "../support/parity";
import { cloudOfTeam, eksService, team } from "../unit/support/eks-program";
import { declared, declaredStack } from "../unit/support/mock-cloud";
import type { PlanUnderTest } from "../unit/support/plan-under-test";
import { identified } from "./support/auto-mode-pods";
import { KubeApi, missingKubeApi } from "./support/kube-api";
import type { DeploymentWithPods } from "./support/kubernetes-objects";

const missing = missingKubeApi();
if (missing) console.log(`  What the program asks of Kubernetes: skipped, ${missing}`);

/** The Secrets Store driver's class, reduced to what its documentation states; a cluster in Auto Mode gets it with the add-on. */
const secretProviderClass = {
  spec: {
    type: "object",
    properties: {
      provider: { type: "string" },
      parameters: { type: "object", additionalProperties: { type: "string" } },
      secretObjects: {
        type: "array",
        items: {
          type: "object",
          properties: {
            secretName: { type: "string" },
            type: { type: "string" },
            data: {
              type: "array",
              items: { type: "object", properties: { objectName: { type: "string" }, key: { type: "string" } } },
            },
          },
        },
      },
    },
  },
};

/** A kind that somebody else brings to the cluster. */
function kindOf(apiVersion: string, kind: string, properties: object): KubernetesObject {
  const [group = "", version = ""] = apiVersion.split("/");
  const singular = kind.toLowerCase();
  const plural = singular.endsWith("s") ? `${singular}es` : `${singular}s`;
  const schema = { openAPIV3Schema: { type: "object", properties } };
  const spec = {
    group,
    scope: "Namespaced",
    names: { kind, plural, singular },
    versions: [{ name: version, served: true, storage: true, schema }],
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec,
  } as KubernetesObject;
}

/** The provider names what the program leaves unnamed; here the program's own name does. */
function named({ name, inputs }: PlannedResource): KubernetesObject {
  const { metadata, ...rest } = inputs as unknown as Omit<KubernetesObject, "metadata"> & {
    metadata: { name?: string };
  };
  return { ...rest, metadata: { name, ...metadata } };
}

const objectsOf = ({ plan }: PlanUnderTest): KubernetesObject[] =>
  plan.resources.filter(({ type }) => type.startsWith("kubernetes:")).map(named);

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
    objects = objectsOf(plan);
  });
  after(() => api?.stop());

  const areTaken = async (asked: readonly KubernetesObject[]) => {
    const namespacesFirst = [...asked].sort((a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"));
    for (const object of namespacesFirst) assert.equal(refused(await apply(object)), undefined, object.kind);
  };

  it("is taken by a real API server, every field of it", async () => {
    await areTaken(objects);
    assert.ok(objects.length >= 10);
  });

  /** The server needs a moment until it serves a kind that it has just learnt. */
  const learns = async (apiVersion: string, kind: string, properties: object) => {
    assert.equal(refused(await apply(kindOf(apiVersion, kind, properties))), undefined);
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
      const { status, body } = await client.send("GET", `/apis/${apiVersion}`);
      if (status === 200 && (body.resources as { kind: string }[]).some((one) => one.kind === kind)) return;
    }
    assert.fail(`the API server does not serve ${kind} 30 s after it was told of it`);
  };

  it("is taken with secrets, a shell, a model of its own and another architecture as well", async () => {
    await learns("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", secretProviderClass);
    const plan = await declaredStack("dev", {
      ...everything,
      exec: true,
      internalCallers: ["sg-0123456789abcdef0"],
    });
    const all = objectsOf(plan);
    await areTaken(all);
    const text = JSON.stringify(all);
    for (const part of ["secrets-store.csi.k8s.io", "SecretProviderClass", "secretKeyRef"])
      assert.ok(text.includes(part), part);
  });

  it("is taken in a cluster that somebody else made, with the controller that they installed", async () => {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/targetgroupbindings.eks.amazonaws.com";
    const { body } = await client.send("GET", path);
    const { versions } = body.spec as { versions: { schema: { openAPIV3Schema: { properties: object } } }[] };
    await learns("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", versions[0]?.schema.openAPIV3Schema.properties ?? {});
    const plan = await declared(() => void eksService({}, { cluster: team }), cloudOfTeam);
    const all = objectsOf(plan);
    const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/team/0123";
    await areTaken(JSON.parse(JSON.stringify(all).replaceAll("arn:of:the:group", group)));
    assert.ok(all.some(({ apiVersion }) => apiVersion === "elbv2.k8s.aws/v1beta1"));
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

  describe("of its pods", () => {
    const pod = (name: string, changed: object, equipped = identified): KubernetesObject & { spec: object } => {
      const deployment = of("Deployment") as unknown as DeploymentWithPods;
      const { metadata, spec } = deployment.spec.template;
      const { namespace } = deployment.metadata;
      return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...metadata, name, namespace },
        spec: { ...equipped(spec), ...changed },
      };
    };

    it("holds them to the restricted standard: one that breaks it is refused", async () => {
      assert.equal(refused(await apply(pod("fits", {}))), undefined);
      assert.match(
        refused(await apply(pod("breaks", { hostNetwork: true }))) ?? "",
        /violates PodSecurity "restricted/,
      );
    });

    it("admits none without credentials, when the container needs some", async () => {
      const needing = await declaredStack("dev", { target: "eks", modelUri: "s3://models/cats" });
      await areTaken(objectsOf(needing));
      const bare = (name: string) => apply(pod(name, {}, (spec) => spec));
      // The server takes a moment to apply a policy that it has just stored.
      let answer = await bare("bare-0");
      for (let tries = 1; answer.status < 300 && tries < 50; tries++, await sleep(200))
        answer = await bare(`bare-${tries}`);
      assert.match(refused(answer) ?? "", /EKS Pod Identity has not reached this pod yet/);
      assert.equal(refused(await apply(pod("identified", {}))), undefined);
    });
  });
});
