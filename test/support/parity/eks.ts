import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import {
  architectures,
  type Find,
  hiddenPaths,
  isFileSystem,
  onDisk,
  type Received,
  roleNamed,
  statementsOf,
  stickyOf,
  theImagesOwn,
  type Volume,
} from "./received";

const volumeOfPod = ({ name: _, emptyDir, ...others }: Volume) =>
  emptyDir && Object.keys({ ...emptyDir, ...others }).length === 0 ? onDisk : { emptyDir, others };

function egressOfPod(find: Find) {
  const { egress } = find("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    .spec as types.output.networking.v1.NetworkPolicySpec;
  const all = egress
    .flatMap(({ to, ports }) =>
      (to ?? [undefined]).flatMap((peer) =>
        ports.map(({ protocol, port, endPort }) =>
          [protocol.toLowerCase(), `${port}-${endPort ?? port}`, peer?.ipBlock.cidr ?? "anywhere"].join(" "),
        ),
      ),
    )
    .sort();
  const ofPlatform = ["udp 53-53 anywhere", "tcp 53-53 anywhere", ...identityAgent.map((cidr) => `tcp 80-80 ${cidr}`)];
  return {
    egress: all.filter((rule) => !ofPlatform.includes(rule)),
    platformEgress: all.filter((rule) => ofPlatform.includes(rule)),
  };
}

const identityAgent = ["169.254.170.23/32", "fd00:ec2::23/128"];

function sidecarOnEks(sidecar: types.output.core.v1.Container, pod: types.output.core.v1.PodSpec) {
  const { limits = {}, requests } = sidecar.resources;
  assert.deepEqual(requests, limits);
  const { runAsUser = pod.securityContext.runAsUser, runAsGroup = pod.securityContext.runAsGroup } =
    sidecar.securityContext;
  return {
    name: sidecar.name,
    image: sidecar.image,
    vcpu: cores(limits.cpu),
    memoryMiB: mebibytes(limits.memory),
    command: sidecar.command?.map(expanded) ?? theImagesOwn,
    args: sidecar.args?.map(expanded) ?? theImagesOwn,
    environment: Object.fromEntries(sidecar.env.map(({ name, value }) => [name, expanded(value)])),
    user: runAsUser === undefined ? theImagesOwn : `${runAsUser}:${runAsGroup}`,
    readOnlyRoot: sidecar.securityContext.readOnlyRootFilesystem,
    droppedCapabilities: sidecar.securityContext.capabilities.drop,
    startsFirst: sidecar.restartPolicy === "Always",
  };
}

/** By default the driver encrypts. */
function fileSystemsOfPod(find: Find) {
  const { volumes, containers } = podSpec(find);
  const spec = (type: string, name: string) => find(`kubernetes:core/v1:${type}`, name).spec;
  return volumes.flatMap(({ name, persistentVolumeClaim: source }) => {
    if (!source) return [];
    const claim = spec("PersistentVolumeClaim", source.claimName) as types.output.core.v1.PersistentVolumeClaimSpec;
    const volume = spec("PersistentVolume", claim.volumeName) as types.output.core.v1.PersistentVolumeSpec;
    const [fileSystem, , accessPoint] = volume.csi.volumeHandle.split(":");
    const mounts = (containers[0]?.volumeMounts ?? []).filter((mount) => mount.name === name);
    return mounts.map(({ mountPath, readOnly = false }) => {
      assert.equal(source.readOnly ?? false, readOnly);
      const withIam = volume.mountOptions?.includes("iam");
      const encrypted = volume.csi.volumeAttributes === undefined;
      return { path: mountPath, fileSystem, accessPoint, withIam, encrypted, readOnly };
    });
  });
}

export function podSpec(find: Find): types.output.core.v1.PodSpec {
  return (find("kubernetes:apps/v1:Deployment").spec as types.output.apps.v1.DeploymentSpec).template.spec;
}

export function receivedOnEks(find: Find): Received {
  const pod = podSpec(find);
  const [container] = pod.containers;
  assert.ok(container && pod.containers.length === 1);
  const { limits = {}, requests } = container.resources;
  assert.deepEqual(requests, limits);
  const scaling = find("kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const hpa = scaling.spec as types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;
  const sleep = Number(container.lifecycle.preStop.sleep.seconds);
  const { readinessProbe: probe, livenessProbe, startupProbe, securityContext } = container;
  return {
    image: container.image,
    command: container.command?.map(expanded) ?? theImagesOwn,
    args: container.args?.map(expanded) ?? theImagesOwn,
    imageCredentials: pullSecretOfPod(pod, find),
    environment: Object.fromEntries(
      container.env.filter(({ valueFrom }) => !valueFrom).map(({ name, value }) => [name, expanded(value)]),
    ),
    secrets: secretsOfPod(container.env, find),
    ports: container.ports.map(({ containerPort }) => containerPort),
    architecture: architectures[pod.nodeSelector["kubernetes.io/arch"] ?? ""],
    vcpu: cores(limits.cpu),
    memoryMiB: mebibytes(limits.memory),
    sidecars: (pod.initContainers ?? []).map((sidecar) => sidecarOnEks(sidecar, pod)),
    readiness: {
      path: probe.httpGet.path,
      everySeconds: probe.periodSeconds,
      timeoutSeconds: probe.timeoutSeconds,
      failures: probe.failureThreshold,
    },
    liveness: livenessProbe && {
      path: livenessProbe.httpGet.path,
      everySeconds: livenessProbe.periodSeconds,
      timeoutSeconds: livenessProbe.timeoutSeconds,
      failures: livenessProbe.failureThreshold,
    },
    livenessAsks: "the kubelet",
    healthCommand: undefined,
    stickySeconds: stickyOf(find("aws:lb/targetGroup:TargetGroup", "inference-eks")),
    hiddenFromCallers: hiddenPaths(find),
    secondsToStart: startupProbe.periodSeconds * startupProbe.failureThreshold,
    storageGiB: limits["ephemeral-storage"] && Number.parseFloat(limits["ephemeral-storage"]),
    user:
      pod.securityContext.runAsUser === undefined
        ? theImagesOwn
        : `${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`,
    readOnlyRoot: securityContext.readOnlyRootFilesystem,
    writable: container.volumeMounts
      .filter(({ readOnly, name }) => !readOnly && !isFileSystem(name))
      .map(({ mountPath, name: mounted }) => ({
        path: mountPath,
        volume: pod.volumes.filter(({ name }) => name === mounted).map((volume) => volumeOfPod({ ...volume })),
      })),
    fileSystems: fileSystemsOfPod(find),
    droppedCapabilities: securityContext.capabilities.drop,
    listensOnLowPorts: (securityContext.capabilities.add ?? []).includes("NET_BIND_SERVICE"),
    initProcess: "none",
    escalation: securityContext.allowPrivilegeEscalation,
    systemCalls: pod.securityContext.seccompProfile.type,
    secondsToAnswerTheRest: sleep,
    secondsFromSigtermToKill: pod.terminationGracePeriodSeconds - sleep,
    permissions: statementsOf(find, "inference-pod"),
    role: roleNamed(find, "inference-pod"),
    ...egressOfPod(find),
    replicas: { min: hpa.minReplicas, max: hpa.maxReplicas },
    cpuPercent: hpa.metrics[0]?.resource.target.averageUtilization,
    cooldownSeconds: {
      out: hpa.behavior.scaleUp.policies[0]?.periodSeconds,
      in: hpa.behavior.scaleDown.stabilizationWindowSeconds,
    },
  };
}

/** A value as the kubelet passes it: $$ becomes $, and a reference to a variable is expanded. */
function expanded(value = ""): string {
  assert.doesNotMatch(value.replaceAll("$$", ""), /\$\(/);
  return value.replaceAll("$$", () => "$");
}

/** The API server stores 1000m as 1 and 3072Mi as 3Gi. */
const cores = (cpu = "") => Number.parseFloat(cpu) / (cpu.endsWith("m") ? 1000 : 1);

const mebibytes = (memory = "") => Number.parseFloat(memory) * (memory.endsWith("Gi") ? 1024 : 1);

interface SecretClass {
  readonly parameters: { readonly objects: string };
  readonly secretObjects: readonly {
    readonly secretName: string;
    readonly data: readonly { readonly objectName: string; readonly key: string }[];
  }[];
}

interface FetchedObject {
  readonly objectName: string;
  readonly objectAlias?: string;
  readonly objectVersionLabel?: string;
  readonly objectVersion?: string;
  readonly jmesPath?: readonly { readonly path: string; readonly objectAlias: string }[];
}

/** The pull secret is no key of a secret, but all of it in another form. */
const isKey = ({ path }: { readonly path: string }) => path.startsWith('"');

/** The key in a JMESPath expression such as `"port" && to_string("port")`. */
const keyOf = (path: string): string => JSON.parse(path.split(" && ", 1)[0] ?? "");

/** The secret that the pull secret of a pod is made from. */
function pullSecretOfPod(pod: types.output.core.v1.PodSpec, find: Find): string {
  const [pulled] = pod.imagePullSecrets ?? [];
  if (pulled === undefined) return "none";
  const { parameters, secretObjects } = find("kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass")
    .spec as SecretClass;
  const alias = secretObjects.find(({ secretName }) => secretName === pulled.name)?.data[0]?.objectName;
  const objects = JSON.parse(parameters.objects) as FetchedObject[];
  const source = objects.find(({ jmesPath = [] }) => jmesPath.some(({ objectAlias }) => objectAlias === alias));
  assert.ok(source, `nothing brings the pull secret ${pulled.name}`);
  return source.objectName;
}

/** The source of each variable's value, in the format of a task definition. */
function secretsOfPod(env: readonly types.output.core.v1.EnvVar[], find: Find): Readonly<Record<string, string>> {
  const kept = env.filter(({ valueFrom }) => valueFrom);
  if (kept.length === 0) return {};
  const { parameters, secretObjects } = find("kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass")
    .spec as SecretClass;
  const fetched = (JSON.parse(parameters.objects) as FetchedObject[]).flatMap((object) => {
    const { objectName, objectAlias, objectVersionLabel: stage = "", objectVersion: version = "", jmesPath } = object;
    const source = (key: string) => [objectName, key, stage, version].join(":").replace(/:{3}$/, "");
    return [
      ...(objectAlias ? [{ alias: objectAlias, source: source("") }] : []),
      ...(jmesPath ?? []).filter(isKey).map((one) => ({ alias: one.objectAlias, source: source(keyOf(one.path)) })),
    ];
  });
  const sourceOf = ({ name, key }: types.output.core.v1.SecretKeySelector) => {
    const entry = secretObjects.find(({ secretName }) => secretName === name)?.data.find((data) => data.key === key);
    const found = fetched.find(({ alias }) => alias === entry?.objectName);
    assert.ok(found, `nothing brings ${key} of ${name}`);
    return found.source;
  };
  return Object.fromEntries(kept.map(({ name, valueFrom }) => [name, sourceOf(valueFrom.secretKeyRef)]));
}
