import type { Fault } from "./fault";

const route = "components/route/index.ts";
const traffic = "components/traffic/index.ts";
const release = "components/traffic/release.ts";
const registry = "components/registry/index.ts";
const ecsVariant = "components/ecs-fargate-service/service.ts";
const ecsService = "components/ecs-fargate-service/index.ts";
const cluster = "components/eks-service/cluster.ts";

/** Caught by a suite of the engine tier. */
export const engineFaults: readonly Fault[] = [
  {
    name: "a service created before its rule",
    edits: [[route, "pulumi.all([group.arn, rule.id]).apply(([arn]) => arn)", "group.arn"]],
    suite: "engine/lifetime.test.ts",
    says: /does not have an associated load balancer/,
  },
  {
    name: "an old service deleted before its group drained",
    edits: [[release, "await clockOf(context).wait(seconds);", ""]],
    suite: "engine/flip.test.ts",
    says: /the old side was deleted \d+ ms after the traffic moved/,
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
    name: "pods created before the deployer has access",
    edits: [[cluster, "dependsOn: [cluster, metrics],", "dependsOn: [metrics.id as never],"]],
    suite: "engine/deployer.test.ts",
    says: /1\) the first Kubernetes object waits for the access entry/,
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
    name: "an unhealthy side that keeps its traffic",
    edits: [[traffic, "gainers: shares.filter((share) => gainsTraffic(share, live))", "gainers: shares"]],
    suite: "engine/handover.test.ts",
    says: /1\) weight 0 moves traffic away from a platform without healthy replicas/,
  },
  {
    name: "an autoscaler's minimum that is never restored",
    edits: [[traffic, "    await returnCountsToAutoscaling(gainers, this.context);\n", ""]],
    suite: "engine/handover.test.ts",
    says: /\d\) pods are scaled out to their share before traffic moves, and the autoscaler's minimum is restored/,
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
    name: "a target group that outlives its load balancer",
    edits: [["components/route/target-group.ts", "[arnSuffix, attachment", "[attachment"]],
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
    says: /1\) a new window that is open sets its bounds once the version is proven on one replica/,
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
    name: "a loss of data that plan-diff forgives",
    edits: [["tools/plan-diff/main.ts", "if (refused.length === 0) return;", "if (refused.length >= 0) return;"]],
    suite: "engine/plan-diff.test.ts",
    says: /1\) ends with 1 when the repository gets another name/,
  },
  {
    name: "an image that runs although its scan refuses it",
    edits: [["components/registry/index.ts", "gate(passed).then(() => passed, endProgram)", "passed"]],
    suite: "engine/image-scan.test.ts",
    says: /1\) prod deploys an image without critical vulnerabilities on both platforms/,
  },
  {
    name: "a refused image that makes the engine delete what is serving",
    edits: [["components/core/problems.ts", "void Promise.reject(error);", "console.error(String(error));"]],
    suite: "engine/image-scan.test.ts",
    says: /1\) a new image with a critical vulnerability is refused, and the one before keeps serving/,
  },
];
