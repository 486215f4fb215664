import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { capabilitiesOf, writableVolumes } from "../core/container";
import type { Image } from "../core/deployment";
import { imageArchitecture, livenessCheck, readinessCheck, type ServiceSpec } from "../core/service-spec";
import { ownShare } from "../core/sidecar";
import { type CapacityMix, scheduling } from "./capacity";
import type { PodSecrets } from "./secrets";
import { cpuOf, literal, sidecarContainers } from "./sidecars";
import { type Claims, podVolumes, volumeMounts } from "./volumes";

export interface PodArgs {
  readonly spec: ServiceSpec;
  readonly mix: CapacityMix;
  readonly image: Pick<Image, "reference" | "credentials">;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly secrets?: PodSecrets;
  readonly claims: Claims;
}

export const containerName = "inference";
/** The Service names it, so that each pod gets its requests on its own number. */
export const portName = "http";
const secretsVolume = "secrets";
/** Seconds between startup probes: short, so that a ready container does not wait. */
const startupSeconds = 2;

/** From the start of a pod's end to its kill: includes the sleep before SIGTERM. ECS deregisters a task before it stops it, a pod must wait itself. */
export const graceSeconds = ({ drain }: Pick<ServiceSpec, "drain">) => drain.deregistrationSeconds + drain.stopSeconds;

/** The spec as a pod: the counterpart of the ECS task definition. */
export function podTemplate({
  spec,
  mix,
  image,
  labels,
  serviceAccountName,
  secrets,
  claims,
}: PodArgs): types.input.core.v1.PodTemplateSpec {
  const { spread, ...placement } = scheduling(mix, labels);
  return {
    metadata: {
      labels: { ...labels },
      annotations: {
        ...(spec.metricsPath && {
          "prometheus.io/scrape": "true",
          "prometheus.io/port": String(spec.port),
          "prometheus.io/path": spec.metricsPath,
        }),
        // Karpenter would move the only pod to a cheaper node and evict it before its successor is ready.
        ...(spec.replicas.min === 1 && { "karpenter.sh/do-not-disrupt": "true" }),
      },
    },
    spec: {
      serviceAccountName,
      ...(image.credentials && secrets?.pullSecretName && { imagePullSecrets: [{ name: secrets.pullSecretName }] }),
      automountServiceAccountToken: false,
      nodeSelector: { "kubernetes.io/arch": imageArchitecture[spec.architecture] },
      securityContext: {
        ...userOf(spec),
        seccompProfile: { type: "RuntimeDefault" },
      },
      terminationGracePeriodSeconds: graceSeconds(spec),
      ...placement,
      // Zones only: Karpenter treats a preferred spread as required while it can start a node, so a host spread would start one per pod.
      topologySpreadConstraints: [
        {
          topologyKey: "topology.kubernetes.io/zone",
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { ...labels } },
        },
        ...spread,
      ],
      volumes: [
        ...writableVolumes(spec).map(({ name }) => ({ name, emptyDir: {} })),
        ...podVolumes(spec.volumes, claims),
        ...(secrets ? [secretVolume(secrets)] : []),
      ],
      ...(spec.sidecars.length > 0 && { initContainers: sidecarContainers(spec.sidecars) }),
      containers: [container(spec, image.reference, secrets)],
    },
  };
}

/** Nothing is known about the image's own user, so the kubelet is not asked to refuse root. */
const userOf = ({ user }: ServiceSpec) =>
  user && { runAsNonRoot: user.uid !== 0, runAsUser: user.uid, runAsGroup: user.gid, fsGroup: user.gid };

/** The driver fetches the secrets when the volume is mounted; the container reads them as variables. */
const secretVolume = ({ providerClassName }: PodSecrets) => ({
  name: secretsVolume,
  csi: {
    driver: "secrets-store.csi.k8s.io",
    readOnly: true,
    volumeAttributes: { secretProviderClass: providerClassName },
  },
});

function container(
  spec: ServiceSpec,
  image: pulumi.Input<string>,
  secrets?: PodSecrets,
): types.input.core.v1.Container {
  const size = sizeOf(spec);
  const { drop, add } = capabilitiesOf(spec);
  return {
    name: containerName,
    image,
    ...(spec.command && { command: spec.command.map(literal) }),
    ...(spec.args && { args: spec.args.map(literal) }),
    ports: [{ name: portName, containerPort: spec.port, protocol: "TCP" }],
    env: variables(spec, secrets),
    // Requests equal limits, as on Fargate, so that the platforms are comparable.
    resources: { requests: size, limits: size },
    ...probes(spec),
    lifecycle: { preStop: { sleep: { seconds: spec.drain.deregistrationSeconds } } },
    securityContext: {
      readOnlyRootFilesystem: spec.readOnly && !spec.exec,
      allowPrivilegeEscalation: false,
      capabilities: { drop, ...(add.length > 0 && { add }) },
    },
    volumeMounts: [
      ...writableVolumes(spec).map(({ name, path }) => ({ name, mountPath: path })),
      ...volumeMounts(spec.volumes),
      ...(secrets ? [{ name: secretsVolume, mountPath: "/mnt/secrets", readOnly: true }] : []),
    ],
  };
}

function sizeOf(spec: ServiceSpec) {
  const { cpuUnits, memoryMiB } = ownShare(spec);
  const { ephemeralStorageGiB: storage } = spec;
  return {
    cpu: cpuOf(cpuUnits),
    memory: `${memoryMiB}Mi`,
    ...(storage && { "ephemeral-storage": `${storage}Gi` }),
  };
}

const variables = (spec: ServiceSpec, secrets?: PodSecrets) =>
  [
    ...Object.entries(spec.environment).map(([name, value]) => ({ name, value: literal(value) })),
    ...Object.keys(spec.secrets).map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: secrets?.secretName, key: name } },
    })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));

const asked = ({ interval, timeout, retries }: typeof readinessCheck) => ({
  periodSeconds: interval,
  timeoutSeconds: timeout,
  failureThreshold: retries,
});

function probes({ paths, port, startSeconds }: ServiceSpec) {
  const get = (path: string) => ({ httpGet: { path, port } });
  return {
    startupProbe: {
      ...get(paths.readiness),
      periodSeconds: startupSeconds,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(startSeconds / startupSeconds),
    },
    readinessProbe: { ...get(paths.readiness), ...asked(readinessCheck) },
    ...(paths.liveness && { livenessProbe: { ...get(paths.liveness), ...asked(livenessCheck) } }),
  };
}
