/** A change of one file that makes the program wrong. */
export type Edit = readonly [path: string, from: string, to: string];

export interface Fault {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The suite that must fail, below test/. */
  readonly suite: string;
  /** Output of the failing suite. */
  readonly says: RegExp;
}

const route = "components/route/index.ts";
const traffic = "components/traffic/index.ts";
const release = "components/traffic/release.ts";
const registry = "components/registry/index.ts";
const ecsVariant = "components/ecs-fargate-service/service.ts";
const ecsService = "components/ecs-fargate-service/index.ts";
const cluster = "components/eks-service/cluster.ts";
const secrets = "components/eks-service/secrets.ts";
const alarms = "components/monitoring/alarms.ts";

/** The emulator never starts an image with this name. */
const neverRuns = `111122223333.dkr.ecr.us-east-1.amazonaws.com/broken@sha256:${"b".repeat(64)}`;

/** Deliberate mistakes that a change could make, and the suite that catches each. */
export const faults: readonly Fault[] = [
  {
    name: "a target group without load balancer",
    edits: [
      [
        route,
        '{ type: "forward", targetGroupArn: group.arn }',
        '{ type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } }',
      ],
    ],
    suite: "emulator/dev.test.ts",
    says: /does not have an associated load balancer/,
  },
  {
    name: "a service created before its rule",
    edits: [[route, "pulumi.all([group.arn, rule.id]).apply(([arn]) => arn)", "group.arn"]],
    suite: "engine/lifetime.test.ts",
    says: /does not have an associated load balancer/,
  },
  {
    name: "traffic moved onto a service that was rolled back",
    edits: [
      [traffic, "{ parent: this, dependsOn }", "{ parent: this }"],
      ["Pulumi.dev.yaml", "memory: 1024", `memory: 1024\n  image: ${neverRuns}`],
    ],
    suite: "emulator/dev.test.ts",
    says: /it has no healthy target|which runs nothing/,
  },
  {
    name: "an old service deleted before its group drained",
    edits: [[release, "await clockOf(context).wait(seconds);", ""]],
    suite: "engine/flip.test.ts",
    says: /the old side was deleted \d+ ms after the traffic moved/,
  },
  {
    name: "an illegal Fargate size",
    edits: [
      ["components/core/fargate-sizes.ts", "512: range(1024, 4096, 1024)", "512: range(1024, 5120, 1024)"],
      ["Pulumi.dev.yaml", "memory: 1024", "memory: 5120"],
    ],
    suite: "emulator/dev.test.ts",
    says: /No Fargate configuration exists/,
  },
  {
    name: "a weight of 1000",
    edits: [[traffic, "({ arn: targetGroupArn, weight })", "({ arn: targetGroupArn, weight: 10 * weight })"]],
    suite: "emulator/dev.test.ts",
    says: /to be in the range \(0 - 999\), got 1000/,
  },
  {
    name: "a service that does not wait for its permissions",
    edits: [
      [ecsService, "[...cluster.needs, ...executionRole.policies, ...taskRole", "[...cluster.needs, ...taskRole"],
    ],
    suite: "engine/lifetime.test.ts",
    says: /the service does not wait for aws:iam\/rolePolicy:RolePolicy inference-execution|CannotPullContainerError/,
  },
  {
    name: "a misspelt field in a Deployment",
    edits: [["components/eks-service/pod.ts", "terminationGracePeriodSeconds:", "terminationGraceSeconds:"]],
    suite: "emulator/manifests.test.ts",
    says: /terminationGraceSeconds: field not declared in schema/,
  },
  {
    name: "an output that is undefined",
    edits: [[ecsService, "ecsClusterName: cluster.name", "ecsClusterName: pulumi.output(undefined)"]],
    suite: "engine/lifetime.test.ts",
    says: /1\) stack dev has every output with its type/,
  },
  {
    name: "a required input that resolves to nothing",
    edits: [
      [
        route,
        "listenerArn: entrance.listenerArn,",
        "listenerArn: entrance.listenerArn.apply(() => undefined as never),",
      ],
    ],
    suite: "engine/lifetime.test.ts",
    says: /listenerArn is undefined; it is required/,
  },
  {
    name: "a secret in plain text",
    edits: [["components/registry/index.ts", "pulumi.secret(token.password)", "pulumi.unsecret(token.password)"]],
    suite: "engine/lifetime.test.ts",
    says: /the password was printed|holds the password/,
  },
  {
    name: "an old service deleted before the one that replaces it serves",
    edits: [
      [
        ecsVariant,
        'ignoreChanges: ["desiredCount"],',
        'ignoreChanges: ["desiredCount"],\n      deleteBeforeReplace: true,',
      ],
    ],
    suite: "engine/lifetime.test.ts",
    says: /1\) a change of spot creates the new ECS service before it deletes the old one/,
  },
  {
    name: "traffic moved to a new side before it serves",
    edits: [[traffic, "{ parent: this, dependsOn }", "{ parent: this }"]],
    suite: "engine/flip.test.ts",
    says: /1\) a flip to EKS whose pods never become healthy fails with the reason/,
  },
  {
    name: "a role that comes with each variant",
    edits: [
      [
        ecsVariant,
        "const { spec, variant } = workload;",
        'const { spec, variant } = workload;\n  new aws.iam.Role(name, { assumeRolePolicy: "{}" }, inside);',
      ],
    ],
    suite: "unit/tools/bench-growth.test.ts",
    says: /aws:iam\/role:Role is shared/,
  },
  {
    name: "pods created before the deployer has access",
    edits: [[cluster, "dependsOn: [cluster, metrics],", "dependsOn: [metrics.id as never],"]],
    suite: "engine/deployer.test.ts",
    says: /1\) the first Kubernetes object waits for the access entry/,
  },
  {
    name: "deployers without access",
    edits: [[cluster, "accessEntries: accessEntries(settings.deployerArns),", ""]],
    suite: "unit/components/eks-service/cluster.test.ts",
    says: /1\) authenticates by access entries only/,
  },
  {
    name: "nodes of another architecture than the image",
    edits: [["components/eks-service/node-pool.ts", "[imageArchitecture[architecture]]", '["amd64"]']],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /1\) requires the architecture of the image/,
  },
  {
    name: "secrets without a Kubernetes Secret",
    edits: [[secrets, "syncSecret: { enabled: true }", "syncSecret: { enabled: false }"]],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /1\) come through the driver of AWS/,
  },
  {
    name: "pods that the CloudWatch add-on instruments",
    edits: [["components/eks-service/observability.ts", "monitorAllServices: false", "restartPods: false"]],
    suite: "engine/flip.test.ts",
    says: /violate PodSecurity "restricted:latest": allowPrivilegeEscalation/,
  },
  {
    name: "pods that start before they have credentials",
    edits: [
      [
        "components/eks-service/identity.ts",
        "isNeeded ? [requireCredentials(name, { cluster, namespace, serviceAccount }, inside)] : []",
        "[]",
      ],
      ["components/eks-service/identity.ts", "const spreadSeconds = 15", "const spreadSeconds = 0"],
    ],
    suite: "engine/existing-cluster.test.ts",
    says: /pods found no AWS credentials/,
  },
  {
    name: "an object for each key of one secret",
    edits: [[secrets, "keyed.set(id, object);", "keyed.set(variable, object);"]],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /1\) are one object: the provider refuses a second one of the same name/,
  },
  {
    name: "traffic moved onto a side that is too small for it",
    edits: [
      [
        "components/traffic/starting-replicas.ts",
        "counts.reduce((sum, count) => sum + count, 0)",
        "Math.max(0, ...counts)",
      ],
    ],
    suite: "unit/components/traffic/starting-replicas.test.ts",
    says: /1\) count all serving replicas, up to the maximum/,
  },
  {
    name: "an unhealthy side that keeps its traffic",
    edits: [[traffic, "gainers: shares.filter((share) => gainsTraffic(share, live))", "gainers: shares"]],
    suite: "engine/handover.test.ts",
    says: /1\) weight 0 moves traffic away from a platform without healthy replicas/,
  },
  {
    name: "raised replicas that count as load",
    edits: [[release, "unraised.get(arn) ?? (await", "(await"]],
    suite: "unit/components/traffic/release.test.ts",
    says: /1\) raises a gaining variant to its share of all serving replicas/,
  },
  {
    name: "an autoscaler's minimum that is never restored",
    edits: [[traffic, "    await returnCountsToAutoscaling(releases, this.context);\n", ""]],
    suite: "engine/handover.test.ts",
    says: /\d\) pods are scaled out to their share before traffic moves, and the autoscaler's minimum is restored/,
  },
  {
    name: "weights changed by hand that are not restored",
    edits: [["components/traffic/weights.ts", "  await api.setWeights(ruleArn, declared);\n", ""]],
    suite: "unit/components/traffic/release.test.ts",
    says: /1\) reports weights changed by hand beside the declared ones, and restores those/,
  },
  {
    name: "a deployment without alarms",
    edits: [[ecsVariant, "alarmNames: [...rollbackAlarmNames]", "alarmNames: []"]],
    suite: "emulator/dev.test.ts",
    says: /missing required field, CreateServiceInput\.DeploymentConfiguration\.Alarms\.AlarmNames/,
  },
  {
    name: "an alarm that cannot fire",
    edits: [[alarms, "100 * FILL(errors, 0) / requests", "FILL(errors, 0) / requests"]],
    suite: "emulator/dev.test.ts",
    says: /1\) ECS rolls back a version that answers with errors/,
  },
  {
    name: "a zone that takes the addresses of another",
    edits: [["components/network/index.ts", "      availabilityZoneCidrMask: prefix + 2,\n", ""]],
    suite: "engine/lifetime.test.ts",
    says: /InvalidSubnet\.Conflict: the CIDR/,
  },
  {
    name: "content that returns under its old tag",
    edits: [[registry, "return isTaken ?", "return !tag ?"]],
    suite: "engine/lifetime.test.ts",
    says: /tag invalid: \S+ already exists/,
  },
  {
    name: "an error printed by a successful update",
    edits: [
      [
        registry,
        "(await hasTag(reader, repositoryName, tag))",
        "(await aws.ecr.getImage({ repositoryName, imageTag: tag }).then(Boolean, () => false))",
      ],
    ],
    suite: "emulator/dev.test.ts",
    says: /it exited with 0 and printed an error/,
  },
  {
    name: "a rollback by an alarm that is not reported",
    edits: [
      [
        "components/ecs-fargate-service/rollout.ts",
        "= await reader.firedAlarms(clusterName, serviceName)",
        ": readonly string[] = []",
      ],
    ],
    suite: "emulator/dev.test.ts",
    says: /1\) ECS rolls back a version that answers with errors/,
  },
  {
    name: "a target group that outlives its load balancer",
    edits: [["components/route/target-group.ts", "      replaceWith: resource ? [resource] : [],\n", ""]],
    suite: "engine/internal.test.ts",
    says: /TargetGroupAssociationLimit/,
  },
  {
    name: "logs that are deleted with their side",
    edits: [["components/eks-service/observability.ts", "{ ...inside, retainOnDelete: spec.keepsLogs }", "inside"]],
    suite: "engine/kept-logs.test.ts",
    says: /1\) log groups of a protected stack survive flips/,
  },
  {
    name: "a service moved to another target group while the old one still takes requests",
    edits: [[ecsVariant, "      replacementTrigger: route.targetGroupArn,\n", ""]],
    suite: "engine/internal.test.ts",
    says: /no end of create aws:ecs\/service:Service/,
  },
  {
    name: "bounds of an open window that stay when it is removed",
    edits: [
      [
        "components/ecs-fargate-service/scaling.ts",
        "await enforceBounds(resourceId, bounds, api, (text) => pulumi.log.info(text, target));",
        "",
      ],
    ],
    suite: "engine/schedule.test.ts",
    says: /1\) a new window that is open sets its bounds at once/,
  },
  {
    name: "a release that expires with the builds",
    edits: [["components/core/lifecycle-rules.ts", "countNumber: neverReached,", "countNumber: 10,"]],
    suite: "unit/components/core/lifecycle-rules.test.ts",
    says: /1\) expire by no rule: release-/,
  },
  {
    name: "a release that stays in the repository of its source stack",
    edits: [
      [
        "tools/promote/main.ts",
        "const repository = repositoryOf(target);",
        'const repository = runningImage(await deployedStack("dev")).split("@")[0] ?? "";',
      ],
    ],
    suite: "engine/promote.test.ts",
    says: /1\) promote prints the command that creates the missing repository of prod/,
  },
  {
    name: "a permissions boundary that the roles inside the cluster's component lack",
    edits: [
      [
        "components/iam/permissions-boundary.ts",
        "pulumi.runtime.registerResourceTransform(({ type, props, opts })",
        "pulumi.runtime.registerStackTransformation(({ type, props, opts })",
      ],
    ],
    suite: "engine/access.test.ts",
    says: /inference-eksRole-role|inference-nodeRole-role/,
  },
  {
    name: "a task that starts before its managed policies are attached",
    edits: [["components/iam/role.ts", "policies: [own, ...attached]", "policies: [own]"]],
    suite: "unit/components/ecs-fargate-service/roles.test.ts",
    says: /has the statements and the managed policies of permissions, which exist before the service/,
  },
  {
    name: "a pod without the managed policies of a task",
    edits: [["components/eks-service/namespace.ts", "managedPolicies: spec.managedPolicies,", ""]],
    suite: "unit/components/parity.test.ts",
    says: /AmazonBedrockReadOnly/,
  },
  {
    name: "outgoing connections that stay open on EKS",
    edits: [
      ["components/eks-service/network-policy.ts", 'policyTypes: ["Ingress", "Egress"]', 'policyTypes: ["Ingress"]'],
    ],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /lets out DNS, Pod Identity and HTTPS, and nothing else/,
  },
  {
    name: "outgoing connections that only a task may make",
    edits: [["components/eks-service/network-policy.ts", ", ...Object.values(spec.egress)]", "]"]],
    suite: "unit/components/parity.test.ts",
    says: /tcp 5432-5432 10\.0\.0\.0\/16/,
  },
  {
    name: "a pod that may not ask for its credentials",
    edits: [
      [
        "components/eks-service/network-policy.ts",
        "egress: [nameResolution, podIdentity, ",
        "egress: [nameResolution, ",
      ],
    ],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /169\.254\.170\.23/,
  },
  {
    name: "a sidecar whose end ends the task",
    edits: [["components/ecs-fargate-service/sidecars.ts", "essential: false", "essential: true"]],
    suite: "unit/components/parity.test.ts",
    says: /What a container receives/,
  },
  {
    name: "a volume that the container can write to on one platform only",
    edits: [["components/ecs-fargate-service/volumes.ts", "readOnly: volume.readOnly", "readOnly: false"]],
    suite: "unit/components/parity.test.ts",
    says: /mounts the same file systems/,
  },
  {
    name: "an EFS driver that starts before it has a role",
    edits: [["components/eks-service/volumes.ts", "[...needs, association]", "[...needs]"]],
    suite: "unit/components/eks-service/volumes.test.ts",
    says: /has a role before it starts/,
  },
  {
    name: "a container that counts on the share of its sidecars",
    edits: [["components/core/service-spec.ts", "ownShare(size).cpuUnits", "size.cpuUnits"]],
    suite: "unit/components/parity.test.ts",
    says: /is what the sidecars leave of the replica/,
  },
];
