import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { missingPartProblems } from "../../components/eks-service/preflight/cluster-parts";
import type { Answer, KubernetesClient, KubernetesObject } from "../fakes/kubernetes-client";
import { mounted } from "../support/parity/stacks";
import { cloudOfTeam, eksService, team } from "../unit/support/eks-program";
import { declared, declaredStack, deployed } from "../unit/support/mock-cloud";
import { settingsOf } from "../unit/support/settings";
import { identified } from "./support/auto-mode-pods";
import { KubeApi, missingKubeApi } from "./support/kube-api";
import type { DeploymentWithPods } from "./support/kubernetes-objects";
import { objectsOf } from "./support/planned-objects";

const missing = missingKubeApi();
if (missing) console.log(`  Kubernetes manifests: skipped, ${missing}`);

/** The SecretProviderClass of the Secrets Store CSI driver, as its documentation describes it. The add-on installs it in a cluster. */
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

const agent = { app: "eks-pod-identity-agent" };
/** The objects of add-ons that the program looks for in an existing cluster. */
const installedByOwner = [
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "eks-pod-identity-agent", namespace: "kube-system" },
    spec: {
      selector: { matchLabels: agent },
      template: { metadata: { labels: agent }, spec: { containers: [{ name: "agent", image: "agent" }] } },
    },
  },
  ...["secrets-store.csi.k8s.io", "efs.csi.aws.com"].map((name) => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name },
    spec: {},
  })),
  {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1beta1.metrics.k8s.io" },
    spec: {
      group: "metrics.k8s.io",
      version: "v1beta1",
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: "metrics-server", namespace: "kube-system" },
    },
  },
];

/** A custom resource definition that an add-on installs. */
function definitionOf(apiVersion: string, kind: string, properties: object): KubernetesObject {
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

(missing ? describe.skip : describe)("Kubernetes manifests on a real API server", function () {
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

  const assertAccepted = async (declaredObjects: readonly KubernetesObject[]) => {
    const namespacesFirst = [...declaredObjects].sort(
      (a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"),
    );
    for (const object of namespacesFirst) assert.equal(refused(await apply(object)), undefined, object.kind);
  };

  it("the API server accepts every field of the objects of target both", async () => {
    await assertAccepted(objects);
    assert.ok(objects.length >= 10);
  });

  /** The API server takes a moment to serve a new kind. */
  const addKind = async (apiVersion: string, kind: string, properties: object) => {
    assert.equal(refused(await apply(definitionOf(apiVersion, kind, properties))), undefined);
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
      const { status, body } = await client.send("GET", `/apis/${apiVersion}`);
      if (status === 200 && (body.resources as { kind: string }[]).some((one) => one.kind === kind)) return;
    }
    assert.fail(`the API server does not serve ${kind} 30 s after its definition was created`);
  };

  it("the API server accepts secrets, file systems, exec, an own model and arm64", async () => {
    await addKind("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", secretProviderClass);
    const plan = await declaredStack("dev", {
      ...mounted,
      exec: true,
      internalCallers: ["sg-0123456789abcdef0"],
    });
    const all = objectsOf(plan);
    await assertAccepted(all);
    const text = JSON.stringify(all);
    for (const part of [
      "secrets-store.csi.k8s.io",
      "SecretProviderClass",
      "secretKeyRef",
      "efs.csi.aws.com",
      "claimName",
    ])
      assert.ok(text.includes(part), part);
  });

  /** Its kind of binding has the fields of that of Auto Mode. */
  const addLoadBalancerController = async () => {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/targetgroupbindings.eks.amazonaws.com";
    const { body } = await client.send("GET", path);
    const { versions } = body.spec as { versions: { schema: { openAPIV3Schema: { properties: object } } }[] };
    await addKind("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", versions[0]?.schema.openAPIV3Schema.properties ?? {});
  };

  /** What a stack is told when this API server is that of its existing cluster. */
  const missingParts = async () => {
    const cluster = { name: "team", kubeconfig: readFileSync(api.kubeconfig, "utf8"), controller: "lbc" } as const;
    const secrets = { KEY: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-key-AbCdEf" };
    const { network, volumes } = mounted;
    const settings = settingsOf({ target: "eks", network, eks: { cluster }, secrets, volumes });
    let told: string[] = [];
    const plan = await deployed(async () => {
      const problems = await missingPartProblems(settings, cluster, { isAuto: false, hasPods: false });
      told = problems.map(({ expected }) => expected);
    });
    return [...told, ...plan.said("warning")].map((text) => text.split(/[:,]/, 1)[0]);
  };

  it("the API server knows what the owner of a cluster installed", async () => {
    const controller = "a cluster with the AWS Load Balancer Controller";
    assert.deepEqual(await missingParts(), [
      controller,
      "a cluster with the Secrets Store CSI driver",
      "a cluster with the EFS CSI driver",
      "The cluster team has no metrics-server",
      "The cluster team has no DaemonSet eks-pod-identity-agent",
    ]);
    for (const object of installedByOwner) assert.equal(refused(await apply(object)), undefined, object.kind);
    assert.deepEqual(await missingParts(), [controller]);
    await addLoadBalancerController();
    assert.deepEqual(await missingParts(), []);
  });

  it("the API server accepts the binding of the AWS Load Balancer Controller in an existing cluster", async () => {
    await addLoadBalancerController();
    const plan = await declared(() => void eksService({}, { cluster: team }), cloudOfTeam);
    const all = objectsOf(plan);
    const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/team/0123";
    await assertAccepted(JSON.parse(JSON.stringify(all).replaceAll("arn:of:the:group", group)));
    assert.ok(all.some(({ apiVersion }) => apiVersion === "elbv2.k8s.aws/v1beta1"));
  });

  it("the API server refuses a misspelt field in the Deployment", async () => {
    const text = JSON.stringify(of("Deployment")).replace("terminationGracePeriodSeconds", "terminationGraceSeconds");
    assert.match(refused(await apply(JSON.parse(text))) ?? "", /terminationGraceSeconds/);
  });

  it("the API server refuses a TargetGroupBinding without targetType", async () => {
    const binding = of("TargetGroupBinding") as KubernetesObject & { spec: { targetType: string } };
    const { targetType, ...spec } = binding.spec;
    assert.equal(targetType, "ip");
    assert.match(refused(await apply({ ...binding, spec } as KubernetesObject)) ?? "", /targetType/);
  });

  describe("Admission of pods", () => {
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

    it("the namespace admits the pods and refuses one that violates the restricted Pod Security Standard", async () => {
      assert.equal(refused(await apply(pod("fits", {}))), undefined);
      assert.match(
        refused(await apply(pod("breaks", { hostNetwork: true }))) ?? "",
        /violates PodSecurity "restricted/,
      );
    });

    it("the admission policy refuses pods without Pod Identity credentials when the container needs them", async () => {
      const needing = await declaredStack("dev", { target: "eks", modelUri: "s3://models/cats" });
      await assertAccepted(objectsOf(needing));
      const bare = (name: string) => apply(pod(name, {}, (spec) => spec));
      // The API server takes a moment to apply a new policy.
      let answer = await bare("bare-0");
      for (let tries = 1; answer.status < 300 && tries < 50; tries++, await sleep(200))
        answer = await bare(`bare-${tries}`);
      assert.match(refused(answer) ?? "", /EKS Pod Identity has not reached this pod yet/);
      assert.equal(refused(await apply(pod("identified", {}))), undefined);
    });
  });
});
