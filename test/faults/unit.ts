import type { Fault } from "./fault";

const release = "components/traffic/release.ts";
const ecsVariant = "components/ecs-fargate-service/service.ts";
const cluster = "components/eks-service/cluster.ts";
const secrets = "components/eks-service/secrets.ts";

/** Caught by a suite of the unit tier. */
export const unitFaults: readonly Fault[] = [
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
];
