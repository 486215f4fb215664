import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { declaredStack } from "../support/mock-cloud";
import type { PlanUnderTest } from "../support/plan-under-test";

const account = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";
const settings = {
  target: "both",
  modelUri: "s3://models/cats",
  memory: 3072,
  cpu: 1024,
  architecture: "arm64",
  environment: { GREETING: "hello" },
  secrets: { TOKEN: `${account}token-AbCdEf`, KEY: "arn:aws:ssm:us-east-1:123456789012:parameter/key" },
  scaling: { cpuPercent: 60, scaleOutCooldownSeconds: 30, scaleInCooldownSeconds: 120 },
  replicas: { min: 2, max: 9 },
};

/** All that a container is given, in words that belong to neither platform. */
type Received = Record<string, unknown>;

const architectures: Record<string, string> = { ARM64: "arm64", arm64: "arm64", X86_64: "x86_64", amd64: "x86_64" };
const sorted = (names: readonly string[]) => [...names].sort();

/** A volume of a task, or of a pod, without its name. */
type Volume = Readonly<Record<string, unknown>>;

/** On Fargate a volume that says no more than its name lies on the task's own disk. */
const volumeOfTask = (volume: Volume) => (Object.keys(volume).length === 0 ? "disk, gone with the replica" : volume);
const volumeOfPod = ({ emptyDir, ...others }: Volume) =>
  emptyDir && Object.keys({ ...emptyDir, ...others }).length === 0
    ? "disk, gone with the replica"
    : { emptyDir, others };

const withoutName = ({ name: _, ...volume }: { readonly name: string }): Volume => volume;

function onEcs(plan: PlanUnderTest): Received {
  const container = plan.container();
  const { inputs: task } = plan.one("aws:ecs/taskDefinition:TaskDefinition");
  const { inputs: group } = plan.one("aws:lb/targetGroup:TargetGroup", "inference-ecs");
  const { inputs: target } = plan.one("aws:appautoscaling/target:Target");
  const { inputs: policy } = plan.one("aws:appautoscaling/policy:Policy");
  const tracking = policy.targetTrackingScalingPolicyConfiguration as Record<string, number>;
  const health = group.healthCheck as Record<string, unknown>;
  const liveness = container.healthCheck;
  assert.ok(liveness);
  const volumes = task.volumes as readonly { readonly name: string }[];
  return {
    image: container.image,
    command: "the image's own",
    environment: Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
    secrets: sorted(container.secrets.map(({ name }) => name)),
    ports: container.portMappings.map(({ containerPort }) => containerPort),
    architecture: architectures[(task.runtimePlatform as { cpuArchitecture: string }).cpuArchitecture],
    vcpu: Number(task.cpu) / 1024,
    memoryMiB: Number(task.memory),
    readiness: {
      path: health.path,
      everySeconds: health.interval,
      timeoutSeconds: health.timeout,
      failures: health.unhealthyThreshold,
    },
    liveness: {
      path: /http:\/\/127\.0\.0\.1:8080(\/\w*)/.exec(liveness.command.join(" "))?.[1],
      everySeconds: liveness.interval,
      timeoutSeconds: liveness.timeout,
      failures: liveness.retries,
      secondsToStart: liveness.startPeriod,
    },
    livenessAsks: liveness.command[1],
    user: container.user,
    readOnlyRoot: container.readonlyRootFilesystem,
    writable: container.mountPoints.map(({ containerPath, sourceVolume }) => ({
      path: containerPath,
      volume: volumes
        .filter(({ name }) => name === sourceVolume)
        .map(withoutName)
        .map(volumeOfTask),
    })),
    droppedCapabilities: container.linuxParameters.capabilities?.drop,
    secondsToAnswerTheRest: group.deregistrationDelay,
    secondsFromSigtermToKill: container.stopTimeout,
    permissions: plan.statements("inference-task"),
    replicas: { min: target.minCapacity, max: target.maxCapacity },
    cpuPercent: tracking.targetValue,
    cooldownSeconds: { out: tracking.scaleOutCooldown, in: tracking.scaleInCooldown },
  };
}

function onEks(plan: PlanUnderTest): Received {
  const { inputs } = plan.one("kubernetes:apps/v1:Deployment");
  const { spec: pod } = (inputs.spec as types.output.apps.v1.DeploymentSpec).template;
  const [container] = pod.containers;
  assert.ok(container && pod.containers.length === 1);
  const { limits = {}, requests } = container.resources;
  assert.deepEqual(requests, limits);
  const plain = container.env.filter(({ value }) => value !== undefined);
  const { inputs: scaling } = plan.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const hpa = scaling.spec as types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;
  const sleep = Number(container.lifecycle.preStop.sleep.seconds);
  const { readinessProbe: probe, livenessProbe, startupProbe } = container;
  return {
    image: container.image,
    command: container.command ?? container.args ?? "the image's own",
    environment: Object.fromEntries(plain.map(({ name, value }) => [name, value])),
    secrets: sorted(container.env.filter(({ valueFrom }) => valueFrom).map(({ name }) => name)),
    ports: container.ports.map(({ containerPort }) => containerPort),
    architecture: architectures[pod.nodeSelector["kubernetes.io/arch"] ?? ""],
    vcpu: Number.parseInt(limits.cpu ?? "", 10) / 1000,
    memoryMiB: Number.parseInt(limits.memory ?? "", 10),
    readiness: {
      path: probe.httpGet.path,
      everySeconds: probe.periodSeconds,
      timeoutSeconds: probe.timeoutSeconds,
      failures: probe.failureThreshold,
    },
    liveness: {
      path: livenessProbe.httpGet.path,
      everySeconds: livenessProbe.periodSeconds,
      timeoutSeconds: livenessProbe.timeoutSeconds,
      failures: livenessProbe.failureThreshold,
      secondsToStart: startupProbe.periodSeconds * startupProbe.failureThreshold,
    },
    livenessAsks: "the kubelet",
    user: `${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`,
    readOnlyRoot: container.securityContext.readOnlyRootFilesystem,
    writable: container.volumeMounts
      .filter(({ readOnly }) => !readOnly)
      .map(({ mountPath, name: mounted }) => ({
        path: mountPath,
        volume: pod.volumes
          .filter(({ name }) => name === mounted)
          .map(withoutName)
          .map(volumeOfPod),
      })),
    droppedCapabilities: container.securityContext.capabilities.drop,
    secondsToAnswerTheRest: sleep,
    secondsFromSigtermToKill: pod.terminationGracePeriodSeconds - sleep,
    permissions: plan.statements("inference-pod"),
    replicas: { min: hpa.minReplicas, max: hpa.maxReplicas },
    cpuPercent: hpa.metrics[0]?.resource.target.averageUtilization,
    cooldownSeconds: {
      out: hpa.behavior.scaleUp.stabilizationWindowSeconds,
      in: hpa.behavior.scaleDown.stabilizationWindowSeconds,
    },
  };
}

/** Fields that may differ, each with the reason. */
const mayDiffer: Readonly<Record<string, string>> = {
  livenessAsks:
    "Fargate runs a command inside, so only where the image is known to have node; the kubelet asks over HTTP",
  permissions: "ECS reads secrets with the execution role before a task starts; a pod's driver reads them as the pod",
};

describe("What a container receives", () => {
  let plan: PlanUnderTest;
  before(async function () {
    this.timeout(60_000);
    plan = await declaredStack("dev", settings);
  });

  it("is the same on ECS and on EKS, but for what is listed", () => {
    const [ecs, eks] = [onEcs(plan), onEks(plan)];
    const common = (received: Received) => Object.entries(received).filter(([field]) => !(field in mayDiffer));
    assert.deepEqual(Object.fromEntries(common(eks)), Object.fromEntries(common(ecs)));
    assert.deepEqual(Object.keys(ecs), Object.keys(eks));
  });

  it("lists no difference that is none", () => {
    const [ecs, eks] = [onEcs(plan), onEks(plan)];
    for (const field of Object.keys(mayDiffer)) assert.notDeepEqual(eks[field], ecs[field], field);
  });

  it("allows the code in a pod what it allows the code in a task, and its secrets", () => {
    const allowed = (role: string) =>
      plan.statements(role).map(({ Action, Resource }) => JSON.stringify({ Action, Resource }));
    const beyond = allowed("inference-pod").filter((statement) => !allowed("inference-task").includes(statement));
    for (const statement of allowed("inference-task"))
      assert.ok(allowed("inference-pod").includes(statement), statement);
    assert.ok(
      beyond.length > 0 && beyond.every((one) => /secretsmanager:GetSecretValue|ssm:GetParameters/.test(one)),
      String(beyond),
    );
  });

  it("is one digest", () => assert.equal(onEks(plan).image, onEcs(plan).image));
});
