import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { foreign } from "../../../support/parity/stacks";
import { eksService } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const deployment = "kubernetes:apps/v1:Deployment";
const binding = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding";
const labels = { app: "inference", variant: "eks" };
const plan = (own: Readonly<Record<string, unknown>> = {}) => declared(() => void eksService(own));
const specOf = (of: PlanUnderTest) => of.one(deployment).inputs.spec as types.output.apps.v1.DeploymentSpec;
const containerOf = (of: PlanUnderTest) => {
  const [only, ...others] = specOf(of).template.spec.containers;
  assert.ok(only && others.length === 0);
  return only;
};

describe("EKS replicas", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await plan({ replicas: { min: 2, max: 6 }, cpu: 512, memory: 1024 });
  });

  describe("behind the load balancer", () => {
    it("have a Service with the variant's name", () => {
      const { metadata, spec } = plain.one("kubernetes:core/v1:Service").inputs;
      const { annotations, ...named } = metadata as { annotations: Readonly<Record<string, string>> };
      assert.deepEqual(named, { namespace: "inference", name: "eks" });
      assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" }, "waited for, it waits for pods");
      assert.deepEqual(spec, {
        type: "ClusterIP",
        selector: labels,
        ports: [{ port: 80, targetPort: "http", protocol: "TCP" }],
      });
    });

    it("get requests on the port that each of them has: a change of container.port leaves the Service as it is", async () => {
      const own = await plan({ container: { ...foreign.container, port: 9000 } });
      assert.deepEqual(containerOf(own).ports, [{ name: "http", containerPort: 9000, protocol: "TCP" }]);
      const service = "kubernetes:core/v1:Service";
      assert.deepEqual(own.one(service).inputs, plain.one(service).inputs);
    });

    it("are registered by IP in the target group of the program", () => {
      const { spec } = plain.one(binding).inputs;
      assert.deepEqual(spec, {
        targetGroupARN: "arn:of:the:group",
        targetType: "ip",
        serviceRef: { name: "eks", port: 80 },
      });
    });

    it("start after the target group binding: only later pods get the readiness gate", () => {
      assert.ok(plain.dependsOn(plain.one(deployment), plain.one(binding)));
      assert.ok(plain.dependsOn(plain.one(binding), plain.one("kubernetes:core/v1:Service")));
      assert.equal(plain.one(binding).options.replacementTrigger, "arn:of:the:group");
    });

    it("start after the security group rules", () => {
      for (const type of [
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
      ])
        assert.ok(plain.dependsOn(plain.one(deployment), plain.one(type)), type);
    });
  });

  describe("the deployment", () => {
    it("starts with the given count and leaves it to autoscaling", () => {
      assert.equal(specOf(plain).replicas, 2);
      assert.deepEqual(plain.one(deployment).options.ignoreChanges, ["spec.replicas"]);
    });

    it("removes no pod before its successor is ready", () =>
      assert.deepEqual(specOf(plain).strategy, {
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" },
      }));

    it("fails after ten minutes without progress", () => assert.equal(specOf(plain).progressDeadlineSeconds, 600));

    it("selects its pods by app and variant", () => {
      assert.deepEqual(specOf(plain).selector, { matchLabels: labels });
      assert.deepEqual(specOf(plain).template.metadata.labels, labels);
    });
  });

  describe("each", () => {
    it("has requests and limits of the size that Fargate gives", () => {
      const { requests, limits } = containerOf(plain).resources;
      assert.deepEqual([requests, limits], Array(2).fill({ cpu: "500m", memory: "1024Mi" }));
    });

    it("runs the image by digest, with the image's own command", () => {
      const { image, command, args } = containerOf(plain);
      assert.deepEqual([image, command, args], ["repository@sha256:0", undefined, undefined]);
    });

    it("has startup, readiness and liveness probes on the spec's paths", () => {
      const { startupProbe, readinessProbe, livenessProbe } = containerOf(plain);
      assert.deepEqual(startupProbe, {
        httpGet: { path: "/ready", port: 8080 },
        periodSeconds: 2,
        timeoutSeconds: 5,
        failureThreshold: 60,
      });
      assert.deepEqual(readinessProbe, {
        httpGet: { path: "/ready", port: 8080 },
        periodSeconds: 10,
        timeoutSeconds: 5,
        failureThreshold: 3,
      });
      assert.deepEqual(livenessProbe, {
        httpGet: { path: "/health", port: 8080 },
        periodSeconds: 15,
        timeoutSeconds: 5,
        failureThreshold: 3,
      });
    });

    it("sleeps before SIGTERM until it is deregistered, and then has time to finish", () => {
      assert.deepEqual(containerOf(plain).lifecycle, { preStop: { sleep: { seconds: 30 } } });
      assert.equal(specOf(plain).template.spec.terminationGracePeriodSeconds, 120);
    });

    it("has no root user, no capabilities, no API token and a read-only root file system", () => {
      const { spec } = specOf(plain).template;
      assert.deepEqual(spec.securityContext, {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.deepEqual(containerOf(plain).securityContext, {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
      assert.equal(spec.automountServiceAccountToken, false);
    });

    it("can write to /tmp, and everywhere with exec", async () => {
      assert.deepEqual(containerOf(plain).volumeMounts, [{ name: "writable", mountPath: "/tmp" }]);
      assert.deepEqual(specOf(plain).template.spec.volumes, [{ name: "writable", emptyDir: {} }]);
      const withShell = containerOf(await plan({ exec: true }));
      assert.equal(withShell.securityContext.readOnlyRootFilesystem, false);
    });

    it("has the annotations for Prometheus", () =>
      assert.deepEqual(specOf(plain).template.metadata.annotations, {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "prometheus.io/path": "/metrics",
      }));

    it("is not disrupted by Karpenter while it may be the only one", async () => {
      const annotations = async (min: number) =>
        specOf(await plan({ replicas: { min, max: 4 } })).template.metadata.annotations;
      assert.equal((await annotations(1))["karpenter.sh/do-not-disrupt"], "true");
      assert.equal("karpenter.sh/do-not-disrupt" in (await annotations(2)), false);
    });

    it("spreads over zones, not over hosts: a host spread would start a node for each pod", () =>
      assert.deepEqual(specOf(plain).template.spec.topologySpreadConstraints, [
        {
          topologyKey: "topology.kubernetes.io/zone",
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: labels },
        },
      ]));

    it("runs on machines of the image's architecture only", async () => {
      const selector = async (own: Readonly<Record<string, unknown>>) =>
        specOf(await plan(own)).template.spec.nodeSelector;
      assert.deepEqual(await selector({}), { "kubernetes.io/arch": "amd64" });
      assert.deepEqual(await selector({ architecture: "arm64" }), { "kubernetes.io/arch": "arm64" });
    });

    it("escapes $ in values: Kubernetes replaces $(NAME), ECS does not", async () => {
      const { env } = containerOf(await plan({ environment: { PATTERN: "$(PORT)$$ 5$" } }));
      assert.equal(env.find(({ name }) => name === "PATTERN")?.value, "$$(PORT)$$$$ 5$$");
    });

    it("gets plain variables as they are and secrets by reference, in order", async () => {
      const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/key";
      const own = await plan({ environment: { ZONE: "a" }, secrets: { KEY: arn } });
      const { env, volumeMounts } = containerOf(own);
      assert.deepEqual(
        env.map(({ name }) => name),
        ["CPU_UNITS", "DRAIN_SECONDS", "EMF", "IDLE_SECONDS", "KEY", "LINGER_SECONDS", "PORT", "ZONE"],
      );
      assert.deepEqual(env[4], { name: "KEY", valueFrom: { secretKeyRef: { name: "inference-secrets", key: "KEY" } } });
      assert.deepEqual(volumeMounts[1], { name: "secrets", mountPath: "/mnt/secrets", readOnly: true });
      assert.deepEqual(specOf(own).template.spec.volumes[1]?.csi, {
        driver: "secrets-store.csi.k8s.io",
        readOnly: true,
        volumeAttributes: { secretProviderClass: "inference-secrets" },
      });
    });
  });

  it("have a disruption budget of one at a time", () => {
    const { spec } = plain.one("kubernetes:policy/v1:PodDisruptionBudget").inputs;
    assert.deepEqual(spec, { maxUnavailable: 1, selector: { matchLabels: labels } });
  });

  it("have an autoscaler with the stack's bounds, targets and cooldowns", async () => {
    const scaling = { cpuPercent: 60, memoryPercent: 80, scaleOutCooldownSeconds: 30, scaleInCooldownSeconds: 120 };
    const own = await plan({ replicas: { min: 2, max: 6 }, scaling });
    const utilization = (name: string, averageUtilization: number) => ({
      type: "Resource",
      resource: { name, target: { type: "Utilization", averageUtilization } },
    });
    assert.deepEqual(own.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs.spec, {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "inference-eks" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [utilization("cpu", 60), utilization("memory", 80)],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: "Max",
          policies: [
            { type: "Percent", value: 100, periodSeconds: 30 },
            { type: "Pods", value: 4, periodSeconds: 30 },
          ],
        },
        scaleDown: { stabilizationWindowSeconds: 120 },
      },
    });
  });
});
