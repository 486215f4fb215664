import type { KubernetesObject } from "../../fakes/kubernetes-client";

export const namespace = "pods";
const labels = { app: "small" };
const selector = { matchLabels: labels };

const object = (apiVersion: string, kind: string, name: string, spec: object): KubernetesObject & { spec: object } => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec,
});

/** A namespace as the program creates it: restricted pods, with readiness gates. */
export const restrictedNamespace = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: namespace,
    labels: {
      "pod-security.kubernetes.io/enforce": "restricted",
      "eks.amazonaws.com/pod-readiness-gate-inject": "enabled",
    },
  },
};

const podSpec = (image: string) => ({
  automountServiceAccountToken: false,
  nodeSelector: { "kubernetes.io/arch": "amd64" },
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    seccompProfile: { type: "RuntimeDefault" },
  },
  terminationGracePeriodSeconds: 5,
  containers: [
    {
      name: "inference",
      image,
      ports: [{ containerPort: 8080 }],
      // A pod that ends is there for a while, as the program's pods are.
      lifecycle: { preStop: { sleep: { seconds: 3 } } },
      resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } },
      readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
    },
  ],
});

export const deployment = (name: string, image: string, replicas: number) =>
  object("apps/v1", "Deployment", name, {
    replicas,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    selector,
    template: { metadata: { labels }, spec: podSpec(image) },
  });

export const budget = object("policy/v1", "PodDisruptionBudget", "small", { maxUnavailable: 1, selector });

export const service = object("v1", "Service", "small", {
  selector: labels,
  ports: [{ port: 80, targetPort: 8080, protocol: "TCP" }],
});

export const binding = (targetGroupARN: string, name = "small") =>
  object("eks.amazonaws.com/v1", "TargetGroupBinding", name, {
    targetGroupARN,
    targetType: "ip",
    serviceRef: { name: "small", port: 80 },
  });

export const autoscaler = object("autoscaling/v2", "HorizontalPodAutoscaler", "small", {
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "small" },
  minReplicas: 1,
  maxReplicas: 2,
  metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
  behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
});
