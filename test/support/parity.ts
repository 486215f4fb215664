import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import type { ContainerDefinition, Statement } from "../unit/support/plan-under-test";

const account = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";
/** Settings of a stack on both platforms that use every option of the container. */
export const everything = {
  target: "both",
  modelUri: "s3://models/cats",
  modelAccess: "list",
  memory: 3072,
  cpu: 1024,
  architecture: "arm64",
  container: {
    command: ["node", "--enable-source-maps"],
    args: ["dist/main.js", "$(GREETING)"],
    startSeconds: 240,
    writablePaths: ["/tmp", "/var/cache/models"],
    ephemeralStorageGiB: 30,
  },
  environment: { GREETING: "hello", PATTERN: "^$(GREETING)$$" },
  secrets: {
    TOKEN: `${account}token-AbCdEf`,
    PASSWORD: `${account}login-AbCdEf:password::`,
    USERNAME: `${account}login-AbCdEf:user-name::`,
    LAST_PASSWORD: `${account}login-AbCdEf:password:AWSPREVIOUS:`,
    KEY: "arn:aws:ssm:us-east-1:123456789012:parameter/key",
  },
  permissions: [
    {
      actions: ["dynamodb:GetItem"],
      resources: ["arn:aws:dynamodb:us-east-1:123456789012:table/features"],
      condition: { StringEquals: { "aws:SourceVpc": ["vpc-0123abcd"] } },
    },
    { policy: "arn:aws:iam::aws:policy/AmazonBedrockReadOnly" },
    { policy: "arn:aws:iam::123456789012:policy/team/AmazonBedrockReadOnly" },
  ],
  permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary",
  egress: {
    database: { cidr: "10.0.0.0/16", port: 5432, why: "features" },
    traces: { cidr: "2001:db8::/32", port: "4317-4318", protocol: "udp" },
    legacy: { cidr: "192.0.2.0/24", port: "all" },
  },
  sidecars: {
    proxy: { image: `example.com/proxy@sha256:${"1".repeat(64)}`, cpu: 128, memory: 256, environment: { P: "$(Q)" } },
    agent: {
      image: `example.com/agent@sha256:${"2".repeat(64)}`,
      cpu: 64,
      memory: 512,
      command: ["agent"],
      args: ["--to", "$(HOST)"],
      user: "65532",
      readOnly: false,
    },
  },
  scaling: { cpuPercent: 60, scaleOutCooldownSeconds: 30, scaleInCooldownSeconds: 120 },
  replicas: { min: 2, max: 9 },
};

interface Named {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}
/** Another team's image, with all that it needs otherwise than ours. */
export const foreign = {
  ...everything,
  container: {
    preset: "fastapi",
    port: 5000,
    readinessPath: "/startup",
    livenessPath: "/alive",
    startSeconds: 400,
    stopSeconds: 60,
    user: "1000:2000",
    readOnly: true,
    writablePaths: ["/var/cache"],
    idleSeconds: 300,
    stickySeconds: 600,
  },
};

/** As root on a port that only root can use. */
export const asRoot = { ...everything, container: { preset: "tei", user: "root", livenessPath: "none" } };

/** With file systems, in the VPC of their mount targets. */
export const mounted = {
  ...everything,
  network: {
    vpcId: "vpc-0123abcd",
    publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
    privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
  },
  volumes: {
    models: { efs: "fs-0123456789abcdef0", path: "/models" },
    results: {
      efs: "fs-0123456789abcdef1",
      accessPoint: "fsap-0123456789abcdef0",
      path: "/var/results",
      readOnly: false,
    },
  },
};

/** The only resource of a type, as declared by the program, recorded by an account or read back from a platform. */
export interface Find {
  (type: string, name?: string): Named["inputs"];
  all(type: string): readonly Named[];
}

export function finder(all: Find["all"]): Find {
  const one = (type: string, name?: string) => {
    const [only, ...others] = all(type).filter((resource) => name === undefined || resource.name === name);
    assert.ok(only && others.length === 0, `${type} ${name ?? ""}`);
    return only.inputs;
  };
  return Object.assign(one, { all });
}

/** Everything that a container receives, in platform-neutral fields. */
export type Received = Readonly<Record<string, unknown>>;

/** Fields that may differ, each with the reason. */
export const mayDiffer: Readonly<Record<string, string>> = {
  livenessAsks:
    "Fargate runs a command inside, so only where the image is known to have node; the kubelet asks over HTTP",
  permissions: "ECS reads secrets with the execution role before a task starts; a pod's driver reads them as the pod",
  initProcess: "Fargate puts one first for the shells of ECS Exec; a pod has none, and the server starts no processes",
  escalation: "Fargate has no word for it and starts nothing that could escalate; Pod Security asks for it in words",
  platformEgress:
    "DNS and credentials of a task are outside of its security group; for a pod the network policy has to let them out",
  systemCalls: "Fargate filters them for every task; Pod Security asks for the filter in words",
};

/** Asserts that both are equal, except for the listed fields. */
export function assertParity(ecs: Received, eks: Received): void {
  const common = (received: Received) =>
    Object.fromEntries(Object.entries(received).filter(([field]) => !(field in mayDiffer)));
  assert.deepEqual(common(eks), common(ecs));
  assert.deepEqual(Object.keys(eks), Object.keys(ecs));
}

const architectures: Record<string, string> = { ARM64: "arm64", arm64: "arm64", X86_64: "x86_64", amd64: "x86_64" };
const theImagesOwn = "the image's own";
const onDisk = "disk, gone with the replica";

/** A volume of a task or pod without its name. */
type Volume = Readonly<Record<string, unknown>>;

/** On Fargate, a volume with only a name is on the task's ephemeral storage. */
const volumeOfTask = ({ name: _, ...volume }: Volume) => {
  const says = Object.values(volume).some((value) => Boolean(value));
  return says ? volume : onDisk;
};
const volumeOfPod = ({ name: _, emptyDir, ...others }: Volume) =>
  emptyDir && Object.keys({ ...emptyDir, ...others }).length === 0 ? onDisk : { emptyDir, others };

export const statementsOf = (find: Find, role: string): readonly Statement[] =>
  (JSON.parse(String(find("aws:iam/rolePolicy:RolePolicy", role).policy)) as { Statement: Statement[] }).Statement;

/** What limits a role, and what it may do besides its own statements. */
const roleNamed = (find: Find, role: string) => ({
  managedPolicies: find
    .all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter(({ name }) => name.startsWith(`${role}-`))
    .map(({ inputs }) => String(inputs.policyArn))
    .sort(),
  boundary: find("aws:iam/role:Role", role).permissionsBoundary,
});

/** Where a replica may connect to, as protocol, ports and block. */
function egressOfTask(find: Find): readonly string[] {
  const rules = find
    .all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    .filter(({ name }) => name.startsWith("inference-ecs-"))
    .map(({ inputs }) => inputs);
  return rules
    .map(({ ipProtocol, fromPort, toPort, cidrIpv4, cidrIpv6 }) =>
      [ipProtocol, `${fromPort}-${toPort}`, cidrIpv4 ? cidrIpv4 : cidrIpv6].join(" "),
    )
    .sort();
}

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

const ecsContainers = (find: Find): readonly ContainerDefinition[] =>
  JSON.parse(String(find("aws:ecs/taskDefinition:TaskDefinition").containerDefinitions));

export function ecsContainer(find: Find): ContainerDefinition {
  const [container, ...others] = ecsContainers(find);
  // A task ends with the container alone.
  assert.ok(container?.essential && others.every(({ essential }) => !essential));
  return container;
}

/** What opens the volumes ends before the container starts. */
export const ecsSidecars = (find: Find) => ecsContainers(find).filter(({ restartPolicy }) => restartPolicy?.enabled);

const sidecarOnEcs = (sidecar: ContainerDefinition, container: ContainerDefinition) => ({
  name: sidecar.name,
  image: sidecar.image,
  vcpu: Number(sidecar.cpu) / 1024,
  memoryMiB: sidecar.memory,
  command: sidecar.entryPoint ?? theImagesOwn,
  args: sidecar.command ?? theImagesOwn,
  environment: Object.fromEntries(sidecar.environment.map(({ name, value }) => [name, value])),
  user: sidecar.user ?? theImagesOwn,
  readOnlyRoot: sidecar.readonlyRootFilesystem,
  droppedCapabilities: sidecar.linuxParameters.capabilities?.drop,
  startsFirst: container.dependsOn?.some(
    ({ containerName, condition }) => containerName === sidecar.name && condition === "START",
  ),
});

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

export function receivedOnEcs(find: Find): Received {
  const container = ecsContainer(find);
  const task = find("aws:ecs/taskDefinition:TaskDefinition");
  const group = find("aws:lb/targetGroup:TargetGroup", "inference-ecs");
  const target = find("aws:appautoscaling/target:Target");
  const policy = find("aws:appautoscaling/policy:Policy");
  const tracking = policy.targetTrackingScalingPolicyConfiguration as Record<string, number>;
  const health = group.healthCheck as Record<string, unknown>;
  const liveness = container.healthCheck;
  const service = find("aws:ecs/service:Service");
  const { drop = [] } = container.linuxParameters.capabilities ?? {};
  const volumes = task.volumes as readonly { readonly name: string }[];
  return {
    image: container.image,
    command: container.entryPoint ?? theImagesOwn,
    args: container.command ?? theImagesOwn,
    imageCredentials: container.repositoryCredentials?.credentialsParameter ?? "none",
    environment: Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
    secrets: Object.fromEntries((container.secrets ?? []).map(({ name, valueFrom }) => [name, valueFrom])),
    ports: container.portMappings.map(({ containerPort }) => containerPort),
    architecture: architectures[(task.runtimePlatform as { cpuArchitecture: string }).cpuArchitecture],
    vcpu: Number(container.cpu ?? task.cpu) / 1024,
    memoryMiB: Number(container.memory ?? task.memory),
    sidecars: ecsSidecars(find).map((sidecar) => sidecarOnEcs(sidecar, container)),
    readiness: {
      path: health.path,
      everySeconds: health.interval,
      timeoutSeconds: health.timeout,
      failures: health.unhealthyThreshold,
    },
    liveness: liveness && {
      path: new RegExp(`http://127\\.0\\.0\\.1:${container.portMappings[0]?.containerPort}(/\\w*)`).exec(
        liveness.command.join(" "),
      )?.[1],
      everySeconds: liveness.interval,
      timeoutSeconds: liveness.timeout,
      failures: liveness.retries,
    },
    livenessAsks: liveness?.command[1],
    secondsToStart: service.healthCheckGracePeriodSeconds,
    storageGiB: (task.ephemeralStorage as { sizeInGib: number } | undefined)?.sizeInGib,
    user: container.user ?? theImagesOwn,
    readOnlyRoot: container.readonlyRootFilesystem,
    writable: container.mountPoints
      .filter(({ sourceVolume }) => !isFileSystem(sourceVolume))
      .map(({ containerPath, sourceVolume }) => ({
        path: containerPath,
        volume: volumes.filter(({ name }) => name === sourceVolume).map(volumeOfTask),
      })),
    fileSystems: fileSystemsOfTask(find),
    droppedCapabilities: container.linuxParameters.capabilities?.drop,
    listensOnLowPorts: drop.length > 0 && !drop.includes("ALL") && !drop.includes("NET_BIND_SERVICE"),
    initProcess: container.linuxParameters.initProcessEnabled,
    escalation: "unspecified",
    systemCalls: "unspecified",
    secondsToAnswerTheRest: Number(group.deregistrationDelay),
    secondsFromSigtermToKill: container.stopTimeout,
    permissions: statementsOf(find, "inference-task"),
    role: roleNamed(find, "inference-task"),
    egress: egressOfTask(find),
    platformEgress: "outside of the security group",
    replicas: { min: target.minCapacity, max: target.maxCapacity },
    cpuPercent: tracking.targetValue,
    cooldownSeconds: { out: tracking.scaleOutCooldown, in: tracking.scaleInCooldown },
  };
}

const isFileSystem = (volume: string) => volume.startsWith("efs-");

interface EfsVolume {
  readonly name: string;
  readonly efsVolumeConfiguration?: {
    readonly fileSystemId: string;
    readonly transitEncryption: string;
    readonly authorizationConfig: { readonly accessPointId?: string; readonly iam: string };
  };
}

function fileSystemsOfTask(find: Find) {
  const { mountPoints } = ecsContainer(find);
  const volumes = find("aws:ecs/taskDefinition:TaskDefinition").volumes as readonly EfsVolume[];
  return volumes.flatMap(({ name, efsVolumeConfiguration: efs }) =>
    mountPoints
      .filter(({ sourceVolume }) => efs && sourceVolume === name)
      .map(({ containerPath, readOnly }) => ({
        path: containerPath,
        fileSystem: efs?.fileSystemId,
        accessPoint: efs?.authorizationConfig.accessPointId,
        withIam: efs?.authorizationConfig.iam === "ENABLED",
        encrypted: efs?.transitEncryption === "ENABLED",
        readOnly,
      })),
  );
}

/** The driver encrypts unless it is told otherwise. */
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
