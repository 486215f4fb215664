import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { imageArchitecture, livenessCheck, readinessCheck, type ServiceSpec } from "../core/service-spec";
import type { PodSecrets } from "./secrets";

export interface PodArgs {
  readonly spec: ServiceSpec;
  readonly image: { readonly reference: pulumi.Input<string> };
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly secrets?: PodSecrets;
}

export const containerName = "inference";
const writableVolume = "writable";
const secretsVolume = "secrets";
/** Seconds between startup probes: short, so that a ready container does not wait. */
const startupSeconds = 2;

/** The spec as a pod: the counterpart of the ECS task definition. */
export function podTemplate({
  spec,
  image,
  labels,
  serviceAccountName,
  secrets,
}: PodArgs): types.input.core.v1.PodTemplateSpec {
  return {
    metadata: {
      labels: { ...labels },
      annotations: {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": String(spec.port),
        "prometheus.io/path": "/metrics",
        // Karpenter would move the only pod to a cheaper node and evict it before its successor is ready.
        ...(spec.replicas.min === 1 && { "karpenter.sh/do-not-disrupt": "true" }),
      },
    },
    spec: {
      serviceAccountName,
      automountServiceAccountToken: false,
      nodeSelector: { "kubernetes.io/arch": imageArchitecture[spec.architecture] },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: spec.user.uid,
        runAsGroup: spec.user.gid,
        fsGroup: spec.user.gid,
        seccompProfile: { type: "RuntimeDefault" },
      },
      // Includes the sleep before SIGTERM: ECS deregisters a task before it stops it, a pod must wait itself.
      terminationGracePeriodSeconds: spec.drain.deregistrationSeconds + spec.drain.stopSeconds,
      // Zones only: Karpenter treats a preferred spread as required while it can start a node, so a host spread would start one per pod.
      topologySpreadConstraints: [
        {
          topologyKey: "topology.kubernetes.io/zone",
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { ...labels } },
        },
      ],
      volumes: [{ name: writableVolume, emptyDir: {} }, ...(secrets ? [secretVolume(secrets)] : [])],
      containers: [container(spec, image.reference, secrets)],
    },
  };
}

/** The driver fetches the secrets when the volume is mounted; the container reads them as variables. */
const secretVolume = ({ providerClassName }: PodSecrets) => ({
  name: secretsVolume,
  csi: {
    driver: "secrets-store.csi.k8s.io",
    readOnly: true,
    volumeAttributes: { secretProviderClass: providerClassName },
  },
});

/** Kubernetes replaces $(NAME) in a value by another variable's, and $$ by $; ECS does neither. */
const literal = (value: string) => value.replaceAll("$", "$$$$");

function container(
  spec: ServiceSpec,
  image: pulumi.Input<string>,
  secrets?: PodSecrets,
): types.input.core.v1.Container {
  const size = { cpu: `${(spec.cpuUnits * 1000) / 1024}m`, memory: `${spec.memoryMiB}Mi` };
  const ready = { httpGet: { path: spec.paths.readiness, port: spec.port } };
  return {
    name: containerName,
    image,
    ports: [{ containerPort: spec.port, protocol: "TCP" }],
    env: [
      ...Object.entries(spec.environment).map(([name, value]) => ({ name, value: literal(value) })),
      ...Object.keys(spec.secrets).map((name) => ({
        name,
        valueFrom: { secretKeyRef: { name: secrets?.secretName, key: name } },
      })),
    ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    // Requests equal limits, as on Fargate, so that the platforms are comparable.
    resources: { requests: size, limits: size },
    startupProbe: {
      ...ready,
      periodSeconds: startupSeconds,
      timeoutSeconds: 5,
      failureThreshold: livenessCheck.startPeriod / startupSeconds,
    },
    readinessProbe: {
      ...ready,
      periodSeconds: readinessCheck.interval,
      timeoutSeconds: readinessCheck.timeout,
      failureThreshold: readinessCheck.retries,
    },
    livenessProbe: {
      httpGet: { path: spec.paths.liveness, port: spec.port },
      periodSeconds: livenessCheck.interval,
      timeoutSeconds: livenessCheck.timeout,
      failureThreshold: livenessCheck.retries,
    },
    lifecycle: { preStop: { sleep: { seconds: spec.drain.deregistrationSeconds } } },
    securityContext: {
      readOnlyRootFilesystem: !spec.exec,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: writableVolume, mountPath: spec.writablePath },
      ...(secrets ? [{ name: secretsVolume, mountPath: "/mnt/secrets", readOnly: true }] : []),
    ],
  };
}
