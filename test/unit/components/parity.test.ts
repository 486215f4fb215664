import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { targetKey } from "../../../components/eks-service/in-cluster/minimum";
import { ecsContainer, ecsSidecars, receivedOnEcs } from "../../support/parity/ecs";
import { podSpec, receivedOnEks } from "../../support/parity/eks";
import { asLocally, receivedLocally } from "../../support/parity/local";
import { assertParity, type Find, finder, mayDiffer, statementsOf } from "../../support/parity/received";
import { asRoot, everything, foreign, mounted } from "../../support/parity/stacks";
import { declaredStack } from "../support/mock-cloud";

describe("What a container receives", () => {
  let find: Find;
  before(async function () {
    this.timeout(60_000);
    const plan = await declaredStack("dev", everything);
    find = finder((type) => plan.all(type));
  });

  it("is the same on ECS and on EKS, except for the listed differences", () =>
    assertParity(receivedOnEcs(find), receivedOnEks(find)));

  it("is the same with exec, except for the capabilities on ECS", async () => {
    const plan = await declaredStack("dev", { ...everything, exec: true });
    const withShell = finder((type) => plan.all(type));
    const [{ droppedCapabilities: onEcs, ...ecs }, { droppedCapabilities: onEks, ...eks }] = [
      receivedOnEcs(withShell),
      receivedOnEks(withShell),
    ];
    assertParity(ecs, eks);
    assert.deepEqual([onEcs, onEks], [undefined, ["ALL"]]);
  });

  it("is the same for another team's image", async () => {
    const plan = await declaredStack("dev", foreign);
    const [ecs, eks] = [
      receivedOnEcs(finder((type) => plan.all(type))),
      receivedOnEks(finder((type) => plan.all(type))),
    ];
    assertParity(ecs, eks);
    assert.deepEqual([ecs.user, ecs.readOnlyRoot, ecs.secondsToStart], ["1000:2000", true, 400]);
  });

  it("shares the work with others at the same requests a minute, of its own target group, on both platforms", async () => {
    const scaling = { ...everything.scaling, requestsPerMinutePerReplica: 600 };
    const plan = await declaredStack("dev", { ...everything, scaling });
    const { inputs } = plan.one("aws:appautoscaling/policy:Policy", "inference-ecs-requests");
    const tracking = inputs.targetTrackingScalingPolicyConfiguration as {
      readonly targetValue: number;
      readonly predefinedMetricSpecification: { readonly resourceLabel: string };
    };
    const { metadata } = plan.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs;
    const target = (metadata as types.output.meta.v1.ObjectMeta).annotations[targetKey];
    const { template } = plan.one("kubernetes:apps/v1:StatefulSet").inputs.spec as types.output.apps.v1.StatefulSetSpec;
    const variable = (name: string) => template.spec.containers[0]?.env.find((one) => one.name === name)?.value ?? "";
    const label = `${variable("LOAD_BALANCER")}/${variable("TARGET_GROUP")}`;
    const { resourceLabel } = tracking.predefinedMetricSpecification;
    assert.deepEqual([Number(target), label.replaceAll("-eks", "-ecs")], [tracking.targetValue, resourceLabel]);
    assert.notEqual(label, resourceLabel);
  });

  it("keeps a caller on one replica for as long on both platforms", async () => {
    const plan = await declaredStack("dev", foreign);
    const given = finder((type) => plan.all(type));
    assert.deepEqual([receivedOnEcs(given).stickySeconds, receivedOnEks(given).stickySeconds], [600, 600]);
    assert.equal(receivedOnEcs(find).stickySeconds, 0);
  });

  for (const [title, keys] of [
    ["with every key", everything],
    ["of another team", foreign],
    ["as root", asRoot],
  ] as const) {
    it(`${title} is the same in Docker on this machine, in all that Docker has`, async () => {
      const onAws = await declaredStack("dev", { ...keys, sidecars: {} });
      const here = await declaredStack("dev", { ...keys, sidecars: {}, target: "local" });
      const local = receivedLocally(finder((type) => here.all(type)));
      assert.deepEqual(local, asLocally(receivedOnEcs(finder((type) => onAws.all(type)))));
    });
  }

  it("is the same as root on port 80, but for the names of the capabilities", async () => {
    const plan = await declaredStack("dev", asRoot);
    const given = finder((type) => plan.all(type));
    const [{ droppedCapabilities: onEcs, ...ecs }, { droppedCapabilities: onEks, ...eks }] = [
      receivedOnEcs(given),
      receivedOnEks(given),
    ];
    assertParity(ecs, eks);
    assert.deepEqual([ecs.ports, ecs.listensOnLowPorts, onEks, ecs.liveness], [[80], true, ["ALL"], undefined]);
    assert.ok((onEcs as string[]).includes("SETUID") && !(onEcs as string[]).includes("NET_BIND_SERVICE"));
  });

  it("is pulled with the same sign-in to a private registry", async () => {
    const imageCredentials = "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-AbCdEf";
    const image = `ghcr.io/team/model@sha256:${"0".repeat(64)}`;
    const plan = await declaredStack("dev", { ...foreign, image, imageCredentials });
    const [ecs, eks] = [
      receivedOnEcs(finder((type) => plan.all(type))),
      receivedOnEks(finder((type) => plan.all(type))),
    ];
    assertParity(ecs, eks);
    assert.deepEqual([ecs.imageCredentials, eks.imageCredentials], [imageCredentials, imageCredentials]);
  });

  it("mounts the same file systems, with the same permissions to mount them", async () => {
    const plan = await declaredStack("dev", mounted);
    const given = finder((type) => plan.all(type));
    const [ecs, eks] = [receivedOnEcs(given), receivedOnEks(given)];
    assertParity(ecs, eks);
    const always = { withIam: true, encrypted: true };
    const { models, results } = mounted.volumes;
    assert.deepEqual(ecs.fileSystems, [
      { path: models.path, fileSystem: models.efs, accessPoint: undefined, ...always, readOnly: true },
      {
        path: results.path,
        fileSystem: results.efs,
        accessPoint: results.accessPoint,
        ...always,
        readOnly: results.readOnly,
      },
    ]);
    const mounting = statementsOf(given, "inference-volumes");
    assert.equal(mounting.length, 2);
    const ofTask = statementsOf(given, "inference-task").filter(({ Action }) =>
      /elasticfilesystem/.test(String(Action)),
    );
    assert.deepEqual(ofTask, mounting);
    assert.doesNotMatch(JSON.stringify(statementsOf(given, "inference-pod")), /elasticfilesystem/);
  });

  it("lists only real differences", () => {
    const [ecs, eks] = [receivedOnEcs(find), receivedOnEks(find)];
    for (const field of Object.keys(mayDiffer)) assert.notDeepEqual(eks[field], ecs[field], field);
  });

  it("is compared completely: a new field on one platform fails until it is listed", () => {
    const fields = (value: object) => Object.keys(value).sort();
    const ofContainer = ["environment", "healthCheck", "image", "linuxParameters", "mountPoints", "portMappings"];
    const ofReplica = ["readonlyRootFilesystem", "secrets", "stopTimeout", "user"];
    const ofShare = ["cpu", "memory"];
    const alone = ["command", "dependsOn", "entryPoint", "essential", "logConfiguration", "name"];
    assert.deepEqual(fields(ecsContainer(find)), [...ofContainer, ...ofReplica, ...ofShare, ...alone].sort());
    assert.deepEqual(fields(ecsContainer(find).linuxParameters), ["capabilities", "initProcessEnabled"]);
    const pod = podSpec(find);
    const ofPod = [
      "containers",
      "initContainers",
      "nodeSelector",
      "securityContext",
      "terminationGracePeriodSeconds",
      "volumes",
    ];
    const placing = ["affinity", "tolerations", "topologySpreadConstraints"];
    assert.deepEqual(fields(pod), [...ofPod, ...placing, "automountServiceAccountToken", "serviceAccountName"].sort());
    const probes = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];
    const ofPodsContainer = [
      "args",
      "command",
      "env",
      "image",
      "name",
      "ports",
      "resources",
      "securityContext",
      "volumeMounts",
    ];
    assert.deepEqual(fields(pod.containers[0] ?? {}), [...ofPodsContainer, ...probes].sort());
  });

  it("is compared completely for the sidecars as well", () => {
    const [proxy, agent] = ecsSidecars(find);
    const ofSidecar = ["cpu", "environment", "essential", "image", "linuxParameters", "logConfiguration", "memory"];
    const others = ["name", "readonlyRootFilesystem", "restartPolicy", "user"];
    assert.deepEqual(Object.keys(proxy ?? {}).sort(), [...ofSidecar, ...others].sort());
    assert.deepEqual(Object.keys(agent ?? {}).sort(), [...ofSidecar, ...others, "command", "entryPoint"].sort());
    const onEks = ["args", "command", "env", "image", "name", "resources", "restartPolicy", "securityContext"];
    assert.deepEqual(Object.keys(podSpec(find).initContainers?.[1] ?? {}).sort(), onEks);
  });

  it("is what the sidecars leave of the replica, and the sidecars have theirs", () => {
    const { vcpu, memoryMiB, sidecars, environment } = receivedOnEcs(find);
    assert.deepEqual([vcpu, memoryMiB], [(1024 - 128 - 64) / 1024, 3072 - 256 - 512]);
    assert.equal((environment as Record<string, string>).CPU_UNITS, "832");
    const received = sidecars as { name: string; vcpu: number; user: string; readOnlyRoot: boolean }[];
    assert.deepEqual(
      received.map(({ name, vcpu: share, user, readOnlyRoot }) => [name, share, user, readOnlyRoot]),
      [
        ["proxy", 0.125, "10001:10001", true],
        ["agent", 0.0625, "65532:65532", false],
      ],
    );
    const task = find("aws:ecs/taskDefinition:TaskDefinition");
    assert.deepEqual([task.cpu, task.memory], ["1024", "3072"]);
  });

  it("gives the code the same permissions and secrets in a pod and in a task", () => {
    const allowed = (role: string) =>
      statementsOf(find, role).map(({ Action, Resource, Condition }) =>
        JSON.stringify({ Action, Resource, Condition }),
      );
    const beyond = allowed("inference-pod").filter((statement) => !allowed("inference-task").includes(statement));
    for (const statement of allowed("inference-task"))
      assert.ok(allowed("inference-pod").includes(statement), statement);
    assert.ok(
      allowed("inference-task").some((statement) => statement.includes("dynamodb:GetItem")),
      "the key permissions",
    );
    assert.ok(
      beyond.length > 0 && beyond.every((one) => /secretsmanager:GetSecretValue|ssm:GetParameters/.test(one)),
      String(beyond),
    );
  });

  it("may connect to what egress names and to HTTPS everywhere, and to nothing else", () => {
    const opened = ["tcp 1-65535 192.0.2.0/24", "tcp 443-443 0.0.0.0/0", "tcp 5432-5432 10.0.0.0/16"];
    assert.deepEqual(receivedOnEcs(find).egress, [...opened, "udp 4317-4318 2001:db8::/32"]);
  });

  it("runs as a role with the managed policies and the boundary of the settings", () => {
    const policies = everything.permissions.flatMap(({ policy }) => policy ?? []).sort();
    const role = { managedPolicies: policies, boundary: everything.permissionsBoundary };
    assert.deepEqual(receivedOnEcs(find).role, role);
  });

  it("is one digest", () => assert.match(String(receivedOnEks(find).image), /@sha256:/));
});
