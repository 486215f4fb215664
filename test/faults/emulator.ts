import type { Fault } from "./fault";

const route = "components/route/index.ts";
const traffic = "components/traffic/index.ts";
const registry = "components/registry/index.ts";
const ecsVariant = "components/ecs-fargate-service/service.ts";
const alarms = "components/monitoring/alarms.ts";
/** The emulator never starts an image with this name. */
const neverRuns = `111122223333.dkr.ecr.us-east-1.amazonaws.com/broken@sha256:${"b".repeat(64)}`;

/** Caught by a suite of the emulator tier. */
export const emulatorFaults: readonly Fault[] = [
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
    name: "traffic moved onto a service that was rolled back",
    edits: [
      [traffic, "{ parent: this, dependsOn }", "{ parent: this }"],
      ["Pulumi.dev.yaml", "memory: 1024", `memory: 1024\n  image: ${neverRuns}`],
    ],
    suite: "emulator/dev.test.ts",
    says: /it has no healthy target|which runs nothing/,
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
    name: "a misspelt field in a Deployment",
    edits: [["components/eks-service/pod.ts", "terminationGracePeriodSeconds:", "terminationGraceSeconds:"]],
    suite: "emulator/manifests.test.ts",
    says: /terminationGraceSeconds: field not declared in schema/,
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
];
