import type { Fault } from "./fault";

const ecsVariant = "components/ecs-fargate-service/service.ts";
const release = "components/traffic/release.ts";
const cluster = "components/eks-service/cluster.ts";
const secrets = "components/eks-service/secrets.ts";

/** In the program, caught by a suite of the unit tier. */
export const programFaults: readonly Fault[] = [
  {
    name: "a block that is refused once for each earlier one",
    edits: [
      ["components/settings/callers.ts", "return before.length > 0 ? [{", "return before.flatMap(() => [{"],
      ["components/settings/callers.ts", "value: text, expected }] : [];", "value: text, expected }]);"],
    ],
    suite: "unit/components/settings/random.test.ts",
    says: /no line twice/,
  },
  {
    name: "bounds of an autoscaler that an update takes back from the jobs of the schedule",
    edits: [
      [
        "components/eks-service/replicas.ts",
        'ignoreChanges: othersSetBounds ? ["spec.minReplicas", "spec.maxReplicas"] : []',
        "ignoreChanges: []",
      ],
    ],
    suite: "unit/components/eks-service/schedule.test.ts",
    says: /creates the autoscaler with the bounds of now outside a window, and leaves them to the jobs/,
  },
  {
    name: "a job and a hand-over that forget what the requests ask for",
    edits: [["components/eks-service/in-cluster/minimum.js", "asked = askedOf(autoscaler)) {", "asked) {"]],
    suite: "unit/components/eks-service/in-cluster/request-scaler.test.ts",
    says: /a job changes the base, and what the requests ask for stays/,
  },
  {
    name: "requests whose raised minimum becomes the base",
    edits: [
      ["components/eks-service/in-cluster/minimum.js", "note?.minimum === standing ? note.base : standing", "standing"],
    ],
    suite: "unit/components/eks-service/in-cluster/request-scaler.test.ts",
    says: /to what the requests ask for, and to the base when they are over/,
  },
  {
    name: "a missing answer taken for no requests",
    edits: [["components/eks-service/in-cluster/cloudwatch.js", 'if (StatusCode !== "Complete")', "if (false)"]],
    suite: "unit/components/eks-service/in-cluster/request-scaler.test.ts",
    says: /when the answer is not complete/,
  },
  {
    name: "a window that stays open where spring skips its end",
    edits: [
      [
        "components/core/schedule.ts",
        "return [...changes, ...afterChangedHours(windows, usual, changes)];",
        "return changes;",
      ],
    ],
    suite: "unit/components/core/clock-changes.test.ts",
    says: /nights that end in the hour that changes has its bounds/,
  },
  {
    name: "a version that nothing proves in a window with 0 replicas",
    edits: [["components/core/schedule.ts", "min: Math.max(min, 1), max: Math.max(max, 1)", "min, max"]],
    suite: "unit/components/eks-service/rollout.test.ts",
    says: /wakes one pod in a window with 0 replicas/,
  },
  {
    name: "deployers without access",
    edits: [[cluster, "accessEntries: accessEntries(settings.deployerArns),", ""]],
    suite: "unit/components/eks-service/cluster.test.ts",
    says: /1\) authenticates by access entries only/,
  },
  {
    name: "nodes of another architecture than the image",
    edits: [["components/eks-service/node-pool.ts", "[imageArchitecture[spec.architecture]]", '["amd64"]']],
    suite: "unit/components/eks-service/node-pool.test.ts",
    says: /1\) requires the architecture of the image/,
  },
  {
    name: "fewer pods on demand than tasks",
    edits: [
      [
        "components/eks-service/capacity.ts",
        "Math.max(fewest, 2 * onDemandBase)",
        "Math.max(fewest, 4 * onDemandBase)",
      ],
    ],
    suite: "unit/components/eks-service/capacity.test.ts",
    says: /1\) a base of the only replica leaves every second pod to Spot/,
  },
  {
    name: "secrets without a Kubernetes Secret",
    edits: [[secrets, "syncSecret: { enabled: true }", "syncSecret: { enabled: false }"]],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /1\) come through the driver of AWS/,
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
    name: "raised replicas that count as load",
    edits: [[release, "unraised.get(arn) ?? (await", "(await"]],
    suite: "unit/components/traffic/release.test.ts",
    says: /1\) raises a gaining variant to its share of all serving replicas/,
  },
  {
    name: "weights changed by hand that are not restored",
    edits: [["components/traffic/weights.ts", "  await api.setWeights(ruleArn, declared);\n", ""]],
    suite: "unit/components/traffic/release.test.ts",
    says: /1\) reports weights changed by hand beside the declared ones, and restores those/,
  },
  {
    name: "a release that expires with the builds",
    edits: [["components/core/lifecycle-rules.ts", "countNumber: neverReached,", "countNumber: 10,"]],
    suite: "unit/components/core/lifecycle-rules.test.ts",
    says: /1\) expire by no rule: release-/,
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
  {
    name: "a load balancer that waits for no container's idle time",
    edits: [["components/gateway/load-balancer.ts", "idleTimeout: container.idleSeconds", "idleTimeout: 60"]],
    suite: "unit/components/gateway/gateway.test.ts",
    says: /waits for data as long as the stack says/,
  },
  {
    name: "callers that change the replica although they must not",
    edits: [["components/route/target-group.ts", "spec.stickySeconds > 0", "spec.stickySeconds < 0"]],
    suite: "unit/components/parity.test.ts",
    says: /keeps a caller on one replica/,
  },
  {
    name: "volumes on Fargate that only root can write to",
    edits: [
      [
        "components/ecs-fargate-service/task.ts",
        "spec.declaresVolumes || isRoot(spec)",
        "spec.declaresVolumes || !isRoot(spec)",
      ],
    ],
    suite: "unit/components/ecs-fargate-service/task.test.ts",
    says: /opens its volumes to its user/,
  },
  {
    name: "root on a low port without the capability for it",
    edits: [["components/core/container.ts", "port < firstUnprivilegedPort", "port < 0"]],
    suite: "unit/components/parity.test.ts",
    says: /as root on port 80/,
  },
  {
    name: "a failed version on EKS that is not rolled back",
    edits: [
      [
        "components/eks-service/rollout.ts",
        "if (!(declared.rollback && error instanceof FailedVersion)) throw error;",
        "if (error) throw error;",
      ],
    ],
    suite: "unit/components/eks-service/rollback.test.ts",
    says: /1\) returns a rollout that fails to the version before/,
  },
  {
    name: "old pods that get requests on the new port",
    edits: [["components/eks-service/replicas.ts", "targetPort: portName", "targetPort: workload.spec.port"]],
    suite: "unit/components/eks-service/replicas.test.ts",
    says: /1\) have a Service with the variant's name/,
  },
  {
    name: "old pods whose port closes before the new ones serve",
    edits: [["components/eks-service/network-policy.ts", "pulumi.all([callers, spec.port])", "callers"]],
    suite: "unit/components/eks-service/namespace.test.ts",
    says: /1\) gets another network policy when the port changes/,
  },
  {
    name: "replicas that are judged by a path which only their successors answer",
    edits: [
      [
        "components/route/target-group.ts",
        "attachment.replacementTrigger, spec.paths.readiness]",
        "attachment.replacementTrigger]",
      ],
    ],
    suite: "unit/components/gateway/gateway.test.ts",
    says: /1\) replaces/,
  },
  {
    name: "an accepted vulnerability that is accepted forever",
    edits: [["components/core/image-scan.ts", " && today.toISOString().slice(0, 10) <= acceptance.until", ""]],
    suite: "unit/components/registry/scan-gate.test.ts",
    says: /1\) refuses an accepted finding after its day/,
  },
  {
    name: "a way back that stops at a vulnerability published since",
    edits: [["components/registry/scan-gate.ts", "running?.has(reference) === true", "false"]],
    suite: "unit/components/registry/scan-gate.test.ts",
    says: /1\) reports the findings of an image that runs already/,
  },
  {
    name: "a label of the image with the sign-in to its repository",
    edits: [["components/registry/index.ts", '?.replace(/\\/\\/[^/@]*@/, "//")', ""]],
    suite: "unit/components/registry/registry.test.ts",
    says: /1\) with the repository .* as source, without a sign-in/,
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
    name: "a log of the firewall that goes with it",
    edits: [["components/gateway/waf.ts", "{ ...inside, retainOnDelete: protect }", "inside"]],
    suite: "unit/kept-data.test.ts",
    says: /aws-waf-logs-inference/,
  },
];
