import type { Fault } from "./fault";

const traffic = "components/traffic/index.ts";
const replicas = "components/eks-service/replicas.ts";
const ecs = "components/ecs-fargate-service/service.ts";
const spec = "components/core/service-spec.ts";

/** A case lost requests: their count and how they failed. */
const lost = /failed: \d+ x (?:50\d|no answer)/;

/** Each is seen as lost requests by a suite of the cluster tier. */
export const clusterFaults: readonly Fault[] = [
  {
    name: "traffic moved before the variant is ready",
    edits: [[traffic, "{ parent: this, dependsOn }", "{ parent: this }"]],
    suite: "cluster/flips.test.ts",
    test: "ECS to EKS",
    says: lost,
  },
  {
    name: "a variant deleted while the public rule sends requests to it",
    // The program sets weights back that the rule does not have, so both must be gone.
    edits: [
      [traffic, "{ parent: this, dependsOn }", '{ parent: this, dependsOn, ignoreChanges: ["actions"] }'],
      [traffic, "await restoreWeights(ruleArn, shares, this.context)", "await this.context.api.weightsOfRule(ruleArn)"],
    ],
    suite: "cluster/flips.test.ts",
    test: "ECS to EKS",
    says: lost,
  },
  {
    name: "a deregistration delay shorter than the longest request",
    edits: [["test/cluster/support/scene.ts", "const usualDeregistration = 6", "const usualDeregistration = 1"]],
    suite: "cluster/versions.test.ts",
    test: "a new image",
    says: lost,
  },
  {
    name: "ECS may stop all tasks during a deployment",
    edits: [
      [ecs, "deploymentMinimumHealthyPercent: 100", "deploymentMinimumHealthyPercent: 0"],
      [ecs, "deploymentMaximumPercent: 200", "deploymentMaximumPercent: 100"],
    ],
    suite: "cluster/versions.test.ts",
    test: "a new image",
    says: lost,
  },
  {
    name: "Kubernetes may stop all pods during a rollout",
    edits: [[replicas, "maxUnavailable: 0", 'maxUnavailable: "100%"']],
    suite: "cluster/versions.test.ts",
    test: "a new image",
    says: lost,
  },
  {
    name: "a readiness path that answers before the model is loaded",
    edits: [["components/core/presets.ts", 'readinessPath: "/ready"', 'readinessPath: "/health"']],
    suite: "cluster/versions.test.ts",
    test: "loads slowly",
    says: lost,
  },
  {
    name: "a disruption budget that allows the loss of all pods",
    edits: [[replicas, "maxUnavailable: 1", "maxUnavailable: 100"]],
    suite: "cluster/replicas.test.ts",
    test: "a drain",
    says: lost,
  },
  {
    name: "pods that end without waiting for the load balancer",
    edits: [
      ["components/eks-service/pod.ts", "preStop: { sleep: { seconds: spec.drain.deregistrationSeconds } }", ""],
      [spec, "lingerSeconds: Math.min(longestLinger, Math.max(0, serverSeconds - answering))", "lingerSeconds: 0"],
    ],
    suite: "cluster/replicas.test.ts",
    test: "fewer pods",
    says: lost,
  },
  {
    name: "a server that ends at SIGTERM while it is still registered",
    edits: [
      [spec, "lingerSeconds: Math.min(longestLinger, Math.max(0, serverSeconds - answering))", "lingerSeconds: 0"],
    ],
    suite: "cluster/replicas.test.ts",
    test: "an interruption",
    says: lost,
  },
  {
    name: "an ECS service deleted before its replacement exists",
    edits: [
      [
        ecs,
        "replacementTrigger: route.targetGroupArn,",
        "replacementTrigger: route.targetGroupArn,\n      deleteBeforeReplace: true,",
      ],
    ],
    suite: "cluster/replicas.test.ts",
    test: "a change of spot",
    says: lost,
  },
  {
    name: "pods that leave their old target group before the traffic has moved",
    edits: [
      [
        replicas,
        "replacementTrigger: route.targetGroupArn }",
        "replacementTrigger: route.targetGroupArn, deleteBeforeReplace: true }",
      ],
    ],
    suite: "cluster/versions.test.ts",
    test: "another port",
    says: lost,
  },
  {
    name: "an old target group whose deregistration delay is shorter than the longest request",
    edits: [["test/cluster/support/scene.ts", "const usualDeregistration = 6", "const usualDeregistration = 1"]],
    suite: "cluster/versions.test.ts",
    test: "another port",
    says: lost,
  },
];
